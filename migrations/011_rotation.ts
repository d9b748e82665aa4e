import type { Knex } from 'knex';

/**
 * A line may have got another SIP password: what it had before stays valid until its phone shows that it has the new one. And a
 * sync may give its devices new passwords before it tells them.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('lines', (t) => {
    t.text('former');
    // What Asterisk still takes of it; missing while it is withdrawn.
    for (const column of ['former_auth_id', 'former_auth_name', 'former_md5_credential']) t.text(column);
  });
  await knex.raw('CREATE UNIQUE INDEX lines_former_auth_id_unique ON lines (former_auth_id)');
  await knex.raw('CREATE INDEX lines_former_index ON lines (mac) WHERE former IS NOT NULL');
  await knex.schema.alterTable('syncs', (t) => {
    t.boolean('rotates').notNullable().defaultTo(false);
  });
  await knex.raw('DROP VIEW ps_auths');
  await knex.raw(`
    CREATE VIEW ps_auths AS
    SELECT auth_id AS id, 'md5' AS auth_type, auth_name AS username, realm, md5_credential AS md5_cred FROM lines
    WHERE auth_id IS NOT NULL
    UNION ALL
    SELECT former_auth_id AS id, 'md5' AS auth_type, former_auth_name AS username, realm,
      former_md5_credential AS md5_cred FROM lines
    WHERE former_auth_id IS NOT NULL`);
}

export async function down(): Promise<void> {
  throw new Error('selfprov migrates forward only: restore the backup made before the migration');
}
