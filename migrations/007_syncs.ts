import type { Knex } from 'knex';

/** Many devices are told to fetch, one after the other: what each sync is, and how far each of its devices is. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('syncs', (t) => {
    t.integer('id').primary();
    t.text('tenant_id').notNullable().references('tenants.id').onDelete('CASCADE');
    t.text('actor').notNullable();
    t.text('what').notNullable();
    t.text('mac');
    t.text('state').notNullable();
    t.integer('per_minute').notNullable();
    t.integer('per_address').notNullable();
    t.integer('canary').notNullable();
    t.integer('most_lost').notNullable();
    t.integer('canary_within').notNullable();
    t.integer('back_within').notNullable();
    t.bigInteger('canary_passed_at');
    t.bigInteger('started_at').notNullable();
    t.bigInteger('ended_at');
    t.index(['tenant_id']);
    t.index(['state']);
  });
  // No foreign key to the device: what became of one that has been removed still counts.
  await knex.schema.createTable('sync_items', (t) => {
    t.integer('sync_id').notNullable().references('syncs.id').onDelete('CASCADE');
    t.text('mac').notNullable();
    t.integer('position').notNullable();
    t.text('state').notNullable();
    t.boolean('is_canary').notNullable();
    t.text('line_id');
    t.text('address');
    t.boolean('is_sent').notNullable();
    t.text('mark');
    t.bigInteger('expires_at');
    t.text('why');
    t.bigInteger('told_at');
    t.bigInteger('fetched_at');
    t.bigInteger('registered_at');
    t.bigInteger('ended_at');
    t.primary(['sync_id', 'mac']);
    t.index(['mac', 'state']);
    t.index(['sync_id', 'state']);
    t.index(['told_at']);
  });
}

export async function down(): Promise<void> {
  throw new Error('selfprov migrates forward only: restore the backup made before the migration');
}
