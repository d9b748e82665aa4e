import { randomUUID } from 'node:crypto';
import { SelfprovError } from '../domain/errors.ts';
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
        defaultLineTemplateId: 'text',
        familyTemplates: 'json',
        lineSays: 'json',
        deviceSays: 'json',
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
    lineTemplates: table<LineTemplate>('line_templates', { ...own, says: 'json' }, sealer),
    deviceTemplates: table<DeviceTemplate>('device_templates', { ...own, says: 'json' }, sealer),
  };
}

/** Tenants with their profiles and templates. */
export function tenantsIn({ tenants, profiles, lineTemplates, deviceTemplates }: TenantTables) {
  return (query: Query): Tenants => {
    const profile = named(query, profiles, 'profile');
    const lineTemplate = named(query, lineTemplates, 'line template');
    const deviceTemplate = named(query, deviceTemplates, 'device template');
    return {
      tenant: (id) => query.find(tenants, { id }),
      tenants: () => query.list(tenants, {}, 'id'),
      updateTenant: (id, change) => query.update(tenants, { id }, change),
      profile: profile.find,
      profiles: profile.list,
      addProfile: profile.add,
      updateProfile: profile.update,
      removeProfile: profile.remove,
      lineTemplate: lineTemplate.find,
      lineTemplates: lineTemplate.list,
      addLineTemplate: lineTemplate.add,
      updateLineTemplate: lineTemplate.update,
      removeLineTemplate: lineTemplate.remove,
      deviceTemplate: deviceTemplate.find,
      deviceTemplates: deviceTemplate.list,
      addDeviceTemplate: deviceTemplate.add,
      updateDeviceTemplate: deviceTemplate.update,
      removeDeviceTemplate: deviceTemplate.remove,
    };
  };
}

/** What a tenant has several of, told apart by their names. */
function named<T extends { readonly id: string; readonly name: string }>(query: Query, of: Table<T>, what: string) {
  return {
    find: (id: string) => query.find(of, { id }),
    list: (tenantId: string) => query.list(of, { tenant_id: tenantId }, 'name'),
    async add(value: Omit<T, 'id'>): Promise<T> {
      const added = { ...value, id: randomUUID() } as unknown as T;
      const insertion = query.database(of.name).insert(of.toRow(added));
      const rows: unknown[] = await insertion.onConflict(['tenant_id', 'name']).ignore().returning('id');
      if (rows.length === 0) throw new SelfprovError('conflict', `there is a ${what} ${added.name} already`);
      return added;
    },
    update: (id: string, change: Partial<T>) => query.update(of, { id }, change),
    remove: (id: string) => query.remove(of, { id }),
  };
}
