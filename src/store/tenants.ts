import { randomUUID } from 'node:crypto';
import { SelfprovError } from '../domain/errors.ts';
import type { Tenants } from '../domain/ports.ts';
import type { DeviceTemplate, LineTemplate } from '../domain/templates.ts';
import type { Tenant } from '../domain/tenant.ts';
import type { UserProfile } from '../domain/user.ts';
import type { Sealer } from '../secrets/sealer.ts';
import type { Query } from './query.ts';
import { table, type Table } from './table.ts';

export function tenantTables(sealer: Sealer) {
  const own = { id: 'text', tenantId: 'text', name: 'text' } as const;
  return {
    tenants: table<Tenant>(
      'tenants',
      {
        id: 'text',
        name: 'text',
        realm: 'text',
        endpointPattern: 'text',
        urls: 'list',
        networks: 'list',
        extension: 'text',
        releaseExtension: 'text',
        numberExtension: 'text',
        emergencyNumbers: 'list',
        defaultProfileId: 'text',
        defaultDeviceTemplateId: 'text',
        defaultLineTemplateId: 'text',
        familyTemplates: 'json',
        lineSays: 'json',
        deviceSays: 'json',
        policySays: 'json',
        administratorCodeHash: 'text',
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

const USUAL_PHONE_LIMIT = 10;

/** Tenants with their profiles and templates. */
export function tenantsIn(sealer: Sealer) {
  const { tenants, profiles, lineTemplates, deviceTemplates } = tenantTables(sealer);
  return (query: Query): Tenants => {
    const profile = named(query, profiles, 'profile');
    const lineTemplate = named(query, lineTemplates, 'line template');
    const deviceTemplate = named(query, deviceTemplates, 'device template');
    return {
      tenant: (id) => query.find(tenants, { id }),
      tenants: () => query.list(tenants, {}, 'id'),
      async addTenant(tenant) {
        const insertion = query.database(tenants.name).insert(tenants.toRow(tenant));
        const rows: unknown[] = await insertion.onConflict('id').ignore().returning('id');
        if (rows.length === 0) throw new SelfprovError('conflict', `there is a tenant ${tenant.id} already`);
        const own = { id: tenant.id, tenantId: tenant.id, name: 'Default' };
        await query.insert(lineTemplates, { ...own, says: {} });
        await query.insert(deviceTemplates, { ...own, says: {} });
        await query.insert(profiles, {
          ...own,
          selfProvisioning: true,
          phoneLimit: USUAL_PHONE_LIMIT,
          families: null,
          lineTemplateId: tenant.id,
          deviceTemplateId: tenant.id,
        });
      },
      updateTenant: (id, change) => query.update(tenants, { id }, change),
      removeTenant: (id) => query.remove(tenants, { id }),
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
