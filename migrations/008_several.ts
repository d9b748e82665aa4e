import type { Knex } from 'knex';

/** Several processes work on one database, beside several Asterisks. */
export async function up(knex: Knex): Promise<void> {
  // Who is at what: work that is due, the calls of an app. Times are the database's own clock, in milliseconds.
  await knex.schema.createTable('claims', (t) => {
    t.text('what').notNullable();
    t.text('key').notNullable();
    t.text('holder').notNullable();
    t.bigInteger('until').notNullable();
    t.primary(['what', 'key']);
  });
  // What each Asterisk still has of accounts that are gone; the only one has no name.
  await knex.schema.createTable('stale_accounts', (t) => {
    t.text('asterisk').notNullable();
    t.text('kind').notNullable();
    t.text('name').notNullable();
    t.bigInteger('since').notNullable();
    t.bigInteger('next_attempt_at').notNullable();
    t.primary(['asterisk', 'kind', 'name']);
    t.index(['next_attempt_at']);
  });
  // Asterisk asks for this at each REGISTER, and PostgreSQL plans each question anew: of one table that is done soonest.
  await knex.schema.alterTable('lines', (t) => {
    t.text('realm').notNullable().defaultTo('');
    t.text('left_behind').notNullable().defaultTo('[]');
  });
  await knex.raw(`
    UPDATE lines SET realm = (SELECT realm FROM ps_auths WHERE ps_auths.id = lines.auth_name)`);
  await knex.raw('DROP VIEW ps_auths');
  await knex.raw(`
    CREATE VIEW ps_auths AS
    SELECT auth_name AS id, 'md5' AS auth_type, auth_name AS username, realm, md5_credential AS md5_cred FROM lines`);
}

export async function down(): Promise<void> {
  throw new Error('selfprov migrates forward only: restore the backup made before the migration');
}
