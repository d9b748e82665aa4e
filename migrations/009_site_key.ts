import type { Knex } from 'knex';

/** Which site key secrets are sealed with: what another one sealed could never be read again. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('site_keys', (t) => {
    t.text('id').primary();
    t.text('fingerprint').notNullable();
  });
}

export async function down(): Promise<void> {
  throw new Error('selfprov migrates forward only: restore the backup made before the migration');
}
