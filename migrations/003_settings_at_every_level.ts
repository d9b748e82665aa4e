import type { Knex } from 'knex';

/**
 * A template says what it wants to say and leaves the rest to the tenant; a tenant, a user and a device say things of
 * their own. What Asterisk is told of an account is written down when it changes: the views only read it.
 */
export async function up(knex: Knex): Promise<void> {
  await accounts(knex);
  await templates(knex);
  await knex.schema.alterTable('tenants', (t) => {
    t.text('default_line_template_id');
    t.text('family_templates').notNullable().defaultTo('{}');
    t.text('line_says').notNullable().defaultTo('{}');
    t.text('device_says').notNullable().defaultTo('{}');
  });
  await knex.schema.alterTable('users', (t) => {
    t.text('line_says').notNullable().defaultTo('{}');
    t.text('device_says').notNullable().defaultTo('{}');
  });
  await knex.schema.alterTable('devices', (t) => {
    t.text('says').notNullable().defaultTo('{}');
  });
}

export async function down(): Promise<void> {
  throw new Error('selfprov migrates forward only: restore the backup made before the migration');
}

/** One row for each endpoint, with what follows from tenant, profile, template and user: `store/accounts.ts` keeps it so. */
async function accounts(knex: Knex): Promise<void> {
  await knex.schema.createTable('accounts', (t) => {
    t.text('id').primary();
    t.text('auths').notNullable();
    t.text('context').notNullable();
    t.text('codecs').notNullable();
    t.text('encryption').notNullable();
    t.text('caller_id').notNullable();
    t.text('mailboxes').notNullable().defaultTo('');
    t.text('is_users').notNullable();
    t.integer('most_contacts').notNullable();
    t.integer('expiry').notNullable();
    t.integer('longest_expiry').notNullable();
  });
  await knex.raw(`
    INSERT INTO accounts
      (id, auths, context, codecs, encryption, caller_id, is_users, most_contacts, expiry, longest_expiry)
    SELECT e.id, e.auth, e.context, e.allow, e.media_encryption, e.callerid, e.allow_transfer,
      a.max_contacts, a.default_expiration, a.maximum_expiration
    FROM ps_endpoints e JOIN ps_aors a ON a.id = e.id`);
  for (const view of ['ps_endpoints', 'ps_aors']) await knex.raw(`DROP VIEW ${view}`);

  await knex.raw(`
    CREATE VIEW ps_endpoints AS
    SELECT id, id AS aors, auths AS auth, context, 'all' AS disallow, codecs AS allow, encryption AS media_encryption,
      caller_id AS callerid, is_users AS allow_transfer, is_users AS allow_subscribe, 'no' AS direct_media,
      'yes' AS rtp_symmetric, 'yes' AS force_rport, 'yes' AS rewrite_contact, 'rfc4733' AS dtmf_mode,
      'username' AS identify_by
    FROM accounts`);
  // A phone that restarts may come back from another port before its old registration has expired: room for both, or
  // Asterisk would drop another phone of the same user.
  await knex.raw(`
    CREATE VIEW ps_aors AS
    SELECT id, most_contacts AS max_contacts, 'yes' AS remove_existing, 60 AS minimum_expiration,
      expiry AS default_expiration, longest_expiry AS maximum_expiration, mailboxes
    FROM accounts`);
}

async function templates(knex: Knex): Promise<void> {
  for (const table of ['line_templates', 'device_templates']) {
    await knex.schema.alterTable(table, (t) => {
      t.text('says').notNullable().defaultTo('{}');
    });
  }
  for (const row of (await knex('line_templates').select()) as Record<string, unknown>[]) {
    const says = {
      context: row['context'],
      codecs: String(row['codecs']).split(',').filter(Boolean),
      ...(row['transport'] === null ? {} : { transport: row['transport'] }),
      srtp: Boolean(row['srtp']),
      expiry: row['expiry'],
      ...(row['voicemail_number'] === null ? {} : { voicemail: row['voicemail_number'] }),
    };
    await knex('line_templates')
      .where({ id: row['id'] })
      .update({ says: JSON.stringify(says) });
  }
  for (const row of (await knex('device_templates').select()) as Record<string, unknown>[]) {
    const says = {
      language: row['language'],
      timeZone: row['time_zone'],
      ...(row['ntp_server'] === null ? {} : { ntpServer: row['ntp_server'] }),
      ...(row['web_password'] === null ? {} : { webPassword: { sealed: row['web_password'] } }),
    };
    await knex('device_templates')
      .where({ id: row['id'] })
      .update({ says: JSON.stringify(says) });
  }
  const dropped = {
    line_templates: ['context', 'codecs', 'transport', 'srtp', 'expiry', 'voicemail_number'],
    device_templates: ['language', 'time_zone', 'ntp_server', 'web_password'],
  };
  for (const [table, columns] of Object.entries(dropped)) {
    for (const column of columns) await knex.raw(`ALTER TABLE ${table} DROP COLUMN ${column}`);
  }
}
