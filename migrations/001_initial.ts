import type { Knex } from 'knex';

/**
 * The whole schema. Times are integers (milliseconds since 1970), lists are comma-separated text, sealed texts are encrypted with
 * the site key. `ps_endpoints`, `ps_auths` and `ps_aors` are views that Asterisk reads by realtime: a SIP account
 * exists exactly as long as the line it belongs to.
 */
export async function up(knex: Knex): Promise<void> {
  const id = (t: Knex.CreateTableBuilder): unknown => t.text('id').primary();
  const toTenant = (t: Knex.CreateTableBuilder): unknown =>
    t.text('tenant_id').notNullable().references('tenants.id').onDelete('RESTRICT');

  await knex.schema.createTable('tenants', (t) => {
    id(t);
    t.text('name').notNullable();
    t.text('realm').notNullable();
    t.text('extension').notNullable();
    t.text('release_extension').notNullable();
    t.text('emergency_numbers').notNullable();
    t.text('language').notNullable();
    t.text('default_profile_id').notNullable();
    t.text('default_device_template_id').notNullable();
  });

  await knex.schema.createTable('line_templates', (t) => {
    id(t);
    toTenant(t);
    t.text('name').notNullable();
    t.text('context').notNullable();
    t.text('codecs').notNullable();
    t.text('transport').notNullable();
    t.boolean('srtp').notNullable();
    t.integer('expiry').notNullable();
    t.text('voicemail_number');
    t.unique(['tenant_id', 'name']);
  });

  await knex.schema.createTable('device_templates', (t) => {
    id(t);
    toTenant(t);
    t.text('name').notNullable();
    t.text('language').notNullable();
    t.text('time_zone').notNullable();
    t.text('ntp_server');
    t.text('web_password');
    t.unique(['tenant_id', 'name']);
  });

  await knex.schema.createTable('user_profiles', (t) => {
    id(t);
    toTenant(t);
    t.text('name').notNullable();
    t.boolean('self_provisioning').notNullable();
    t.integer('phone_limit').notNullable();
    t.text('families');
    t.text('line_template_id').notNullable().references('line_templates.id').onDelete('RESTRICT');
    t.text('device_template_id').notNullable().references('device_templates.id').onDelete('RESTRICT');
    t.unique(['tenant_id', 'name']);
  });

  await knex.schema.createTable('users', (t) => {
    id(t);
    toTenant(t);
    t.text('profile_id').notNullable().references('user_profiles.id').onDelete('RESTRICT');
    t.text('extension').notNullable();
    t.text('name').notNullable();
    t.text('pin_hash').notNullable();
    t.boolean('self_provisioning').notNullable();
    t.bigInteger('created_at').notNullable();
    t.unique(['tenant_id', 'extension']);
    t.index(['extension']);
  });

  await knex.schema.createTable('devices', (t) => {
    t.text('mac').primary();
    toTenant(t);
    t.text('family').notNullable();
    t.text('model');
    t.text('firmware');
    t.text('state').notNullable();
    t.text('token').notNullable();
    t.text('previous_token');
    // What a device that has no MAC to tell is found by.
    t.text('token_hash').notNullable().unique();
    t.text('previous_token_hash').unique();
    t.text('address');
    t.bigInteger('seen_at').notNullable();
    t.bigInteger('created_at').notNullable();
    t.index(['tenant_id']);
  });

  await knex.schema.createTable('lines', (t) => {
    id(t);
    t.text('mac').notNullable().references('devices.mac').onDelete('CASCADE');
    t.integer('slot').notNullable();
    t.text('user_id').references('users.id').onDelete('RESTRICT');
    t.text('endpoint').notNullable();
    t.text('auth_name').notNullable().unique();
    t.text('secret').notNullable();
    t.text('md5_credential').notNullable();
    t.text('contact');
    t.unique(['mac', 'slot']);
    t.index(['endpoint']);
    t.index(['user_id']);
  });

  await knex.schema.createTable('hand_overs', (t) => {
    t.text('mac').primary().references('devices.mac').onDelete('CASCADE');
    t.text('kind').notNullable();
    t.text('state').notNullable();
    t.text('failure');
    t.text('aor').notNullable();
    t.text('contact');
    t.text('contacts_before').notNullable();
    t.text('address');
    t.bigInteger('window_ends_at').notNullable();
    t.bigInteger('accepted_at').notNullable();
    t.bigInteger('notified_at');
    t.bigInteger('fetched_at');
    t.bigInteger('registered_at');
    t.integer('attempts').notNullable();
    t.bigInteger('next_attempt_at');
    t.index(['state', 'next_attempt_at']);
  });

  await knex.schema.createTable('stale_registrations', (t) => {
    id(t);
    t.text('aor').notNullable();
    t.text('keep').notNullable();
  });

  await knex.schema.createTable('tries', (t) => {
    t.text('scope').notNullable();
    t.text('tenant_id').notNullable();
    t.text('key').notNullable();
    t.integer('wrong').notNullable();
    t.integer('locks').notNullable();
    t.bigInteger('locked_until');
    t.bigInteger('updated_at').notNullable();
    t.primary(['scope', 'tenant_id', 'key']);
  });

  // No foreign keys: the record of what happened outlives what it happened to.
  await knex.schema.createTable('events', (t) => {
    t.increments('id');
    t.bigInteger('at').notNullable();
    t.text('step').notNullable();
    t.text('tenant_id').notNullable();
    t.text('mac');
    t.text('user_id');
    t.text('detail').notNullable();
    t.index(['mac', 'id']);
    t.index(['user_id', 'id']);
  });

  await createAccountViews(knex);
}

export async function down(): Promise<void> {
  throw new Error('selfprov migrates forward only: restore the backup made before the migration');
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
      'ulaw,alaw' AS allow, 'no' AS media_encryption, '"Unassigned phone" <>' AS callerid,
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
