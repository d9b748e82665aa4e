import type { Knex } from 'knex';

/** Devices of a sync may be told to restart. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('syncs', (t) => {
    t.boolean('reboots').notNullable().defaultTo(false);
  });
}

export async function down(): Promise<void> {
  throw new Error('selfprov migrates forward only: restore the backup made before the migration');
}
