import type { Knex } from 'knex';

/**
 * Tokens belong to lines and to hand-overs, not to devices; a device without a user may have several default lines; what
 * a registration looked like is kept; a device that leaves an AOR leaves a farewell. Columns are added, renamed and
 * dropped only: nothing rebuilds a table, which would empty those that refer to it.
 */
export async function up(knex: Knex): Promise<void> {
  for (const view of ['ps_endpoints', 'ps_auths', 'ps_aors']) await knex.raw(`DROP VIEW ${view}`);

  await knex.schema.alterTable('tenants', (t) => {
    t.text('trusted_addresses').notNullable().defaultTo('private');
  });

  // Nobody could set it so far: from now on it is what the SIP server is reached by, unless somebody does.
  await knex.raw('ALTER TABLE line_templates DROP COLUMN transport');
  await knex.schema.alterTable('line_templates', (t) => {
    t.text('transport');
  });

  await linesWithTokens(knex);
  await handOversWithTokens(knex);
  await knex.schema.alterTable('devices', (t) => {
    t.dropUnique(['token_hash']);
    t.dropUnique(['previous_token_hash']);
  });
  for (const column of ['token', 'previous_token', 'token_hash', 'previous_token_hash']) {
    await knex.raw(`ALTER TABLE devices DROP COLUMN ${column}`);
  }
  await knex.schema.alterTable('devices', (t) => {
    t.bigInteger('turned_away_at');
    t.text('turned_away_from');
    t.bigInteger('moved_at');
  });

  await farewells(knex);
  await knex.schema.alterTable('tries', (t) => {
    t.text('against').notNullable().defaultTo('');
  });
  // From now on it is lines that count, and no longer devices.
  await knex.raw(`DELETE FROM tries WHERE scope = 'device'`);
  await knex.schema.alterTable('events', (t) => {
    t.text('actor').notNullable().defaultTo('selfprov');
    t.index(['at']);
  });
  await createAccountViews(knex);
}

export async function down(): Promise<void> {
  throw new Error('selfprov migrates forward only: restore the backup made before the migration');
}

async function linesWithTokens(knex: Knex): Promise<void> {
  await knex.schema.alterTable('lines', (t) => {
    t.text('token');
    t.text('token_hash');
    t.text('address');
    t.bigInteger('served_at');
    t.text('contact_at');
    t.boolean('contact_certain').notNullable().defaultTo(false);
    t.boolean('announced').notNullable().defaultTo(true);
    t.bigInteger('left_at');
    t.text('disbelieved');
    t.text('asked_as');
    t.bigInteger('created_at').notNullable().defaultTo(Date.now());
    t.text('seen_as');
  });
  const ofDevice = (column: string): string => `(SELECT d.${column} FROM devices d WHERE d.mac = lines.mac)`;
  await knex.raw(`
    UPDATE lines SET token = ${ofDevice('token')}, token_hash = ${ofDevice('token_hash')},
      address = ${ofDevice('address')}, served_at = ${ofDevice('seen_at')}`);
  await knex.schema.alterTable('lines', (t) => {
    t.dropUnique(['mac', 'slot']);
  });
  await knex.raw('CREATE UNIQUE INDEX lines_mac_slot_unique ON lines (mac, slot) WHERE user_id IS NOT NULL');
  await knex.raw('CREATE UNIQUE INDEX lines_token_hash_unique ON lines (token_hash)');
  await knex.raw('CREATE INDEX lines_mac_index ON lines (mac)');
  await knex.raw('CREATE INDEX lines_contact_at_index ON lines (contact_at)');
}

async function handOversWithTokens(knex: Knex): Promise<void> {
  await knex.raw('ALTER TABLE hand_overs DROP COLUMN contacts_before');
  await knex.schema.alterTable('hand_overs', (t) => {
    t.text('id');
    t.text('line_id');
    t.text('leaves');
    t.text('contacts_before');
    t.text('previous_token');
    t.text('previous_token_hash');
    t.text('contact_at');
    t.index(['contact_at']);
    t.index(['previous_token_hash']);
  });
  const ofDevice = (column: string): string => `(SELECT d.${column} FROM devices d WHERE d.mac = hand_overs.mac)`;
  await knex.raw(`
    UPDATE hand_overs SET id = mac || '-' || accepted_at, contacts_before = '[]',
      line_id = (SELECT l.id FROM lines l WHERE l.mac = hand_overs.mac)`);
  await knex.raw(`
    UPDATE hand_overs SET previous_token = ${ofDevice('previous_token')},
      previous_token_hash = ${ofDevice('previous_token_hash')}
    WHERE state <> 'done'`);
}

async function farewells(knex: Knex): Promise<void> {
  await knex.schema.createTable('farewells', (t) => {
    t.text('key').primary();
    t.text('aor').notNullable();
    t.text('mac').notNullable();
    t.text('tenant_id').notNullable();
    t.text('family').notNullable();
    t.boolean('whole').notNullable();
    t.text('seen_as');
    t.text('fetched_from');
    t.text('not_its').notNullable();
    t.text('contact');
    t.text('contact_at');
    t.text('notify');
    t.boolean('told').notNullable().defaultTo(false);
    t.bigInteger('created_at').notNullable();
    t.bigInteger('next_attempt_at').notNullable();
    t.index(['aor']);
    t.index(['contact_at']);
    t.index(['next_attempt_at']);
  });
  await knex.raw(`
    INSERT INTO farewells (key, aor, mac, tenant_id, family, whole, not_its, created_at, next_attempt_at)
    SELECT id, aor, '', 'default', '', TRUE, '[]', 0, 0 FROM stale_registrations WHERE aor LIKE 'phone-%'`);
  await knex.schema.dropTable('stale_registrations');
}

/**
 * Plain SQL that SQLite and PostgreSQL both take, but for the name of the function that joins rows to a list. `id` is a
 * stored, indexed column in every branch: Asterisk asks by it at each REGISTER.
 */
async function createAccountViews(knex: Knex): Promise<void> {
  const list = knex.client.config.client === 'pg' ? 'string_agg' : 'group_concat';
  // Quotes, semicolons and backslashes have a meaning in Asterisk's caller ID and realtime values.
  const displayName = String.raw`replace(replace(replace(u.name, '"', ''''), ';', ','), '\', '/')`;
  const common = `'all' AS disallow, 'no' AS direct_media, 'yes' AS rtp_symmetric, 'yes' AS force_rport,
    'yes' AS rewrite_contact, 'rfc4733' AS dtmf_mode, 'username' AS identify_by`;

  await knex.raw(`
    CREATE VIEW ps_endpoints AS
    SELECT l.endpoint AS id, l.endpoint AS aors, l.auth_name AS auth, 'selfprov-default-line' AS context,
      'g722,alaw,ulaw' AS allow, 'no' AS media_encryption, '"Unassigned phone" <>' AS callerid,
      'no' AS allow_transfer, 'no' AS allow_subscribe, ${common}
    FROM lines l
    WHERE l.user_id IS NULL
    UNION ALL
    SELECT u.extension AS id, u.extension AS aors,
      (SELECT ${list}(l.auth_name, ',') FROM lines l WHERE l.user_id = u.id) AS auth, lt.context AS context,
      lt.codecs AS allow, CASE WHEN lt.srtp THEN 'sdes' ELSE 'no' END AS media_encryption,
      '"' || ${displayName} || '" <' || u.extension || '>' AS callerid,
      'yes' AS allow_transfer, 'yes' AS allow_subscribe, ${common}
    FROM users u JOIN user_profiles p ON p.id = u.profile_id JOIN line_templates lt ON lt.id = p.line_template_id
    WHERE EXISTS (SELECT 1 FROM lines l WHERE l.user_id = u.id)`);

  await knex.raw(`
    CREATE VIEW ps_auths AS
    SELECT l.auth_name AS id, 'md5' AS auth_type, l.auth_name AS username, t.realm AS realm,
      l.md5_credential AS md5_cred
    FROM lines l JOIN devices d ON d.mac = l.mac JOIN tenants t ON t.id = d.tenant_id`);

  // A phone that restarts may come back from another port before its old registration has expired: room for both, or
  // Asterisk would drop another phone of the same user.
  await knex.raw(`
    CREATE VIEW ps_aors AS
    SELECT l.endpoint AS id, 1 AS max_contacts, 'yes' AS remove_existing, 60 AS minimum_expiration,
      120 AS default_expiration, 600 AS maximum_expiration
    FROM lines l WHERE l.user_id IS NULL
    UNION ALL
    SELECT u.extension AS id, p.phone_limit * 2 AS max_contacts, 'yes' AS remove_existing, 60 AS minimum_expiration,
      lt.expiry AS default_expiration, 7200 AS maximum_expiration
    FROM users u JOIN user_profiles p ON p.id = u.profile_id JOIN line_templates lt ON lt.id = p.line_template_id
    WHERE EXISTS (SELECT 1 FROM lines l WHERE l.user_id = u.id)`);
}
