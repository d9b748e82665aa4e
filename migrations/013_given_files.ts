import type { Knex } from 'knex';

/** The files that each device was given last, with a mask in the place of each secret. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('given_files', (t) => {
    t.text('mac').notNullable().references('devices.mac').onDelete('CASCADE');
    t.text('name').notNullable();
    t.text('family').notNullable();
    // Of the file as it was, its secrets included.
    t.text('digest').notNullable();
    t.bigInteger('at').notNullable();
    t.text('packed').notNullable();
    t.primary(['mac', 'name']);
  });
}

export async function down(): Promise<void> {
  throw new Error('selfprov migrates forward only: restore the backup made before the migration');
}
