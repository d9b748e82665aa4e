import { orNotFound } from '../domain/orNotFound.ts';
import type { Device, Line } from '../domain/device.ts';
import type { Mac } from '../domain/mac.ts';
import type { Store } from '../domain/ports.ts';
import { readOnce } from '../domain/readOnce.ts';
import type { DeviceTemplate, LineTemplate } from '../domain/templates.ts';
import { newPhonesTemplates, type Tenant } from '../domain/tenant.ts';
import type { User, UserProfile } from '../domain/user.ts';
import { templatesOf } from '../domain/wiring.ts';
import type { Families } from '../phones/family/family.ts';
import type { ServerFacts } from '../phones/view/facts.ts';
import { compareFiles, type FileChange } from '../provisioning/files/compareFiles.ts';
import type { Core } from './core.ts';

/** What files are made with. */
export interface FileFacts {
  readonly families: () => Families;
  readonly server: () => ServerFacts;
}

/** What a verb has changed, by id: as it would be. */
interface Changed {
  readonly tenants: Map<string, Tenant>;
  readonly profiles: Map<string, UserProfile>;
  readonly lineTemplates: Map<string, LineTemplate>;
  readonly deviceTemplates: Map<string, DeviceTemplate>;
  readonly users: Map<string, User>;
  readonly devices: Map<string, Device>;
  readonly lines: Map<string, Line>;
}

/**
 * What a verb would change in the devices' files; nothing of it is saved. The verb runs in a transaction that is rolled
 * back, and only that long does another writer wait: files are made afterwards, from what the verb would have written.
 * Rejects as the verb does.
 */
export async function dryRun(
  core: Core,
  { families, server }: FileFacts,
  tenantId: string,
  verb: (core: Core) => Promise<unknown>,
): Promise<readonly FileChange[]> {
  const { store } = core;
  const changed = await changedBy(store, (inside) => verb({ ...core, store: inside }));
  const before: Store = {
    ...store,
    tenant: readOnce(store.tenant),
    profile: readOnce(store.profile),
    lineTemplate: readOnce(store.lineTemplate),
    deviceTemplate: readOnce(store.deviceTemplate),
  };
  const after: Store = {
    ...before,
    tenant: laidOver(changed.tenants, before.tenant),
    profile: laidOver(changed.profiles, before.profile),
    lineTemplate: laidOver(changed.lineTemplates, before.lineTemplate),
    deviceTemplate: laidOver(changed.deviceTemplates, before.deviceTemplate),
    user: laidOver(changed.users, before.user),
    device: laidOver(changed.devices, before.device),
    lines: async (mac) => (await before.lines(mac)).map((line) => changed.lines.get(line.id) ?? line),
  };
  const macs = await concerned(before, tenantId, changed);
  return compareFiles({ families: families(), server: server() }, before, after, macs);
}

async function changedBy(store: Store, verb: (inside: Store) => Promise<unknown>): Promise<Changed> {
  const rolledBack = new Error('rolled back');
  let changed = nothing();
  try {
    await store.transaction(async (inside) => {
      changed = nothing();
      await verb(noting(inside, changed));
      throw rolledBack;
    });
  } catch (error) {
    if (error !== rolledBack) throw error;
  }
  return changed;
}

function nothing(): Changed {
  const [tenants, profiles, lineTemplates] = [new Map(), new Map(), new Map()];
  return {
    tenants,
    profiles,
    lineTemplates,
    deviceTemplates: new Map(),
    users: new Map(),
    devices: new Map(),
    lines: new Map(),
  };
}

/** The same store; what is changed by it is in `changed` too. */
function noting(inside: Store, changed: Changed): Store {
  const noted =
    <T, C>(
      update: (id: string, change: C) => Promise<void>,
      find: (id: string) => Promise<T | undefined>,
      into: Map<string, T>,
    ) =>
    async (id: string, change: C): Promise<void> => {
      await update(id, change);
      into.set(id, orNotFound(await find(id), 'such thing'));
    };
  const all: Store = {
    ...inside,
    updateTenant: noted(inside.updateTenant, inside.tenant, changed.tenants),
    updateProfile: noted(inside.updateProfile, inside.profile, changed.profiles),
    updateLineTemplate: noted(inside.updateLineTemplate, inside.lineTemplate, changed.lineTemplates),
    updateDeviceTemplate: noted(inside.updateDeviceTemplate, inside.deviceTemplate, changed.deviceTemplates),
    updateUser: noted(inside.updateUser, inside.user, changed.users),
    updateDevice: noted(inside.updateDevice, inside.device, changed.devices),
    updateLine: noted(inside.updateLine, inside.line, changed.lines),
    transaction: (work) => work(all),
  };
  return all;
}

function laidOver<T>(
  changed: ReadonlyMap<string, T>,
  find: (id: string) => Promise<T | undefined>,
): (id: string) => Promise<T | undefined> {
  return async (id) => changed.get(id) ?? find(id);
}

/** Devices whose files may differ. */
async function concerned(store: Store, tenantId: string, changed: Changed): Promise<readonly Mac[]> {
  const tenant = orNotFound(await store.tenant(tenantId), 'tenant');
  const { tenants, profiles, lineTemplates, deviceTemplates, users, devices } = changed;
  const all = (await store.wirings(tenantId)).filter((wiring) => {
    const { lineTemplateId, deviceTemplateId } = templatesOf(wiring, tenant);
    // Of the files that phones of a family share, also those with a user.
    const shared = newPhonesTemplates(tenant, wiring.family);
    return (
      tenants.size > 0 ||
      profiles.has(wiring.user?.profileId ?? wiring.entered?.profileId ?? '') ||
      lineTemplates.has(lineTemplateId ?? '') ||
      deviceTemplates.has(deviceTemplateId) ||
      deviceTemplates.has(shared.deviceTemplateId) ||
      users.has(wiring.user?.id ?? '') ||
      devices.has(wiring.mac)
    );
  });
  return [...new Set(all.map(({ mac }) => mac))];
}
