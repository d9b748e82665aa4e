import type { Knex } from 'knex';
import { DEFAULT_TENANT } from '../domain/tenant.ts';
import type { TenantTables } from './tenants.ts';

/** What the first tenant of an empty database is made of. */
export interface FirstTenant {
  readonly extension: string;
  readonly releaseExtension: string;
  readonly emergencyNumbers: readonly string[];
  readonly language: string;
  readonly timeZone: string;
  /** Dialplan context of users' calls. */
  readonly context: string;
}

const PHONE_LIMIT = 10;

/** Writes the tenant `default` with one profile and its templates; does nothing when there is a tenant. */
export async function seedTenant(database: Knex, all: TenantTables, first: FirstTenant): Promise<void> {
  // Most of the time there is nothing to write, and nobody to wait for.
  if ((await database('tenants').first('id')) !== undefined) return;
  await database.transaction(async (trx) => {
    const rows = await trx('tenants')
      .insert(
        all.tenants.toRow({
          id: DEFAULT_TENANT,
          name: 'Default',
          // Asterisk challenges names that do not exist with its default realm: with the same one here, nobody can tell
          // which names do.
          realm: 'asterisk',
          extension: first.extension,
          releaseExtension: first.releaseExtension,
          emergencyNumbers: first.emergencyNumbers,
          language: first.language,
          defaultProfileId: 'default',
          defaultDeviceTemplateId: 'default',
          defaultLineTemplateId: null,
          familyTemplates: {},
          lineSays: { context: first.context },
          deviceSays: { language: first.language, timeZone: first.timeZone },
          trustedAddresses: 'private',
        }),
      )
      .onConflict('id')
      .ignore()
      .returning('id');
    if (rows.length === 0) return;
    const own = { id: 'default', tenantId: DEFAULT_TENANT, name: 'Default' };
    await trx('line_templates').insert(all.lineTemplates.toRow({ ...own, says: {} }));
    await trx('device_templates').insert(all.deviceTemplates.toRow({ ...own, says: {} }));
    await trx('user_profiles').insert(
      all.profiles.toRow({
        ...own,
        selfProvisioning: true,
        phoneLimit: PHONE_LIMIT,
        families: null,
        lineTemplateId: 'default',
        deviceTemplateId: 'default',
      }),
    );
  });
}
