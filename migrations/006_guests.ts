import type { Knex } from 'knex';

/** A line of a device may be a user's of another tenant than the device's: its credential is of the user's realm. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('DROP VIEW ps_auths');
  await knex.raw(`
    CREATE VIEW ps_auths AS
    SELECT l.auth_name AS id, 'md5' AS auth_type, l.auth_name AS username, t.realm AS realm,
      l.md5_credential AS md5_cred
    FROM lines l JOIN devices d ON d.mac = l.mac LEFT JOIN users u ON u.id = l.user_id
      JOIN tenants t ON t.id = coalesce(u.tenant_id, d.tenant_id)`);
}

export async function down(): Promise<void> {
  throw new Error('selfprov migrates forward only: restore the backup made before the migration');
}
