import type { Knex } from 'knex';

/**
 * Users whose endpoint an administrator keeps in a file of Asterisk's own: such an endpoint names slots, and what a phone of theirs
 * proves itself by is read under the name of its slot. And what administrators set on endpoints, besides what phones are told of.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.alterTable('users', (t) => {
    t.text('adoption');
  });
  await knex.schema.alterTable('lines', (t) => {
    // What Asterisk asks for at each REGISTER; missing where it has the password itself.
    t.text('auth_id');
    t.text('auth_user');
  });
  await knex.raw('UPDATE lines SET auth_id = auth_name');
  await knex.schema.alterTable('lines', (t) => t.unique(['auth_id']));
  await knex.schema.alterTable('farewells', (t) => {
    t.boolean('among_others').notNullable().defaultTo(false);
  });
  await knex.schema.alterTable('accounts', (t) => {
    t.text('options').notNullable().defaultTo('{}');
  });
  for (const view of ['ps_auths', 'ps_endpoints']) await knex.raw(`DROP VIEW ${view}`);
  await knex.raw(`
    CREATE VIEW ps_auths AS
    SELECT auth_id AS id, 'md5' AS auth_type, auth_name AS username, realm, md5_credential AS md5_cred FROM lines
    WHERE auth_id IS NOT NULL`);
  const isSqlite = String(knex.client.config.client).includes('sqlite');
  // What is missing is an empty text to Asterisk on some of its ways, which is no number and no mode.
  const option = ([name, byItself]: readonly [string, string]): string => {
    const value = isSqlite ? `json_extract(options, '$.${name}')` : `options::json ->> '${name}'`;
    return `COALESCE(${value}, '${byItself}') AS ${name}`;
  };
  await knex.raw(`
    CREATE VIEW ps_endpoints AS
    SELECT id, id AS aors, auths AS auth, context, 'all' AS disallow, codecs AS allow, encryption AS media_encryption,
      caller_id AS callerid, is_users AS allow_transfer, is_users AS allow_subscribe, 'no' AS direct_media,
      'yes' AS rtp_symmetric, 'yes' AS force_rport, 'yes' AS rewrite_contact, 'username' AS identify_by,
      ${Object.entries(OPTIONS).map(option).join(', ')}
    FROM accounts`);
}

/** As Asterisk calls them, and as it has them by itself. */
const OPTIONS: Readonly<Record<string, string>> = {
  dtmf_mode: 'rfc4733',
  transport: '',
  subscribe_context: '',
  call_group: '',
  pickup_group: '',
  named_call_group: '',
  named_pickup_group: '',
  moh_suggest: 'default',
  language: '',
  accountcode: '',
  set_var: '',
  device_state_busy_at: '0',
};

export async function down(): Promise<void> {
  throw new Error('selfprov migrates forward only: restore the backup made before the migration');
}
