import type { Tenants } from '../domain/ports.ts';
import type { DeviceTemplate, LineTemplate } from '../domain/templates.ts';
import type { Tenant } from '../domain/tenant.ts';
import type { UserProfile } from '../domain/user.ts';
import type { Sealer } from '../secrets/sealer.ts';
import type { Query } from './query.ts';
import { table, type Table } from './table.ts';

export interface TenantTables {
  readonly tenants: Table<Tenant>;
  readonly profiles: Table<UserProfile>;
  readonly lineTemplates: Table<LineTemplate>;
  readonly deviceTemplates: Table<DeviceTemplate>;
}

export function tenantTables(sealer: Sealer): TenantTables {
  const own = { id: 'text', tenantId: 'text', name: 'text' } as const;
  return {
    tenants: table<Tenant>(
      'tenants',
      {
        id: 'text',
        name: 'text',
        realm: 'text',
        extension: 'text',
        releaseExtension: 'text',
        emergencyNumbers: 'list',
        language: 'text',
        defaultProfileId: 'text',
        defaultDeviceTemplateId: 'text',
        trustedAddresses: 'text',
      },
      sealer,
    ),
    profiles: table<UserProfile>(
      'user_profiles',
      {
        ...own,
        selfProvisioning: 'boolean',
        phoneLimit: 'number',
        families: 'list',
        lineTemplateId: 'text',
        deviceTemplateId: 'text',
      },
      sealer,
    ),
    lineTemplates: table<LineTemplate>(
      'line_templates',
      {
        ...own,
        context: 'text',
        codecs: 'list',
        transport: 'text',
        srtp: 'boolean',
        expiry: 'number',
        voicemailNumber: 'text',
      },
      sealer,
    ),
    deviceTemplates: table<DeviceTemplate>(
      'device_templates',
      { ...own, language: 'text', timeZone: 'text', ntpServer: 'text', webPassword: 'secret' },
      sealer,
    ),
  };
}

/** Tenants with their profiles and templates. */
export function tenantsIn({ tenants, profiles, lineTemplates, deviceTemplates }: TenantTables) {
  return (query: Query): Tenants => ({
    tenant: (id) => query.find(tenants, { id }),
    tenants: () => query.list(tenants, {}, 'id'),
    updateTenant: (id, change) => query.update(tenants, { id }, change),
    profile: (id) => query.find(profiles, { id }),
    lineTemplate: (id) => query.find(lineTemplates, { id }),
    deviceTemplate: (id) => query.find(deviceTemplates, { id }),
  });
}
