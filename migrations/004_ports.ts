import type { Knex } from 'knex';

/**
 * Each port of an adapter is handed over by itself, and all lines of one file have one token. What state a device is in
 * follows from its lines and their hand-overs. Each device has a number that people can say.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('DROP INDEX lines_token_hash_unique');
  await knex.raw('CREATE INDEX lines_token_hash_index ON lines (token_hash)');
  await knex.raw('CREATE UNIQUE INDEX lines_mac_user_unique ON lines (mac, user_id) WHERE user_id IS NOT NULL');
  await knex.schema.alterTable('lines', (t) => {
    t.text('number');
  });
  await knex.raw(`
    CREATE VIEW selfprov_numbers AS
    SELECT d.tenant_id || '-' || l.number AS id, l.endpoint AS endpoint
    FROM lines l JOIN devices d ON d.mac = l.mac WHERE l.number IS NOT NULL`);
  await knex.raw('ALTER TABLE devices DROP COLUMN state');
  await knex.schema.alterTable('devices', (t) => {
    t.integer('number').notNullable().defaultTo(0);
    t.text('serial');
    t.text('profile_id');
    t.text('note').notNullable().defaultTo('');
    t.boolean('is_blocked').notNullable().defaultTo(false);
  });
  for (const [at, { mac }] of (
    (await knex('devices').select('mac').orderBy('created_at')) as { mac: string }[]
  ).entries()) {
    await knex('devices')
      .where({ mac })
      .update({ number: 1001 + at });
  }
  await knex.raw('CREATE UNIQUE INDEX devices_number_unique ON devices (number)');
  await handOversBySlot(knex);
}

export async function down(): Promise<void> {
  throw new Error('selfprov migrates forward only: restore the backup made before the migration');
}

/** The key becomes another: nothing refers to this table, so it is made anew. */
async function handOversBySlot(knex: Knex): Promise<void> {
  const before = (await knex('hand_overs').select()) as Record<string, unknown>[];
  await knex.schema.dropTable('hand_overs');
  await knex.schema.createTable('hand_overs', (t) => {
    t.text('id').notNullable();
    t.text('mac').notNullable().references('devices.mac').onDelete('CASCADE');
    t.integer('slot').notNullable();
    t.text('kind').notNullable();
    t.text('state').notNullable();
    t.text('failure');
    t.text('line_id').notNullable();
    t.text('aor').notNullable();
    t.text('leaves');
    t.text('contact');
    t.text('contact_at');
    t.text('contacts_before');
    t.text('address');
    t.bigInteger('window_ends_at').notNullable();
    t.text('previous_token');
    t.text('previous_token_hash');
    t.bigInteger('accepted_at').notNullable();
    t.bigInteger('notified_at');
    t.bigInteger('fetched_at');
    t.bigInteger('registered_at');
    t.integer('attempts').notNullable();
    t.bigInteger('next_attempt_at');
    t.primary(['mac', 'slot']);
    t.index(['state', 'next_attempt_at']);
    t.index(['contact_at']);
    t.index(['previous_token_hash']);
  });
  for (const row of before) await knex('hand_overs').insert({ ...row, slot: 1, line_id: row['line_id'] ?? '' });
}
