import { SelfprovError } from '../domain/errors.ts';
import type { Step } from '../domain/journal.ts';
import { formatMac, type Mac } from '../domain/mac.ts';
import { orNotFound } from '../domain/orNotFound.ts';
import type { Store } from '../domain/ports.ts';
import { isOpen, whyNotTold, type Sync } from '../domain/sync.ts';
import { countsOf } from '../domain/syncItem.ts';
import type { Tenant } from '../domain/tenant.ts';
import { picked, type Wanted, type Wiring } from '../domain/wiring.ts';
import type { Core } from './core.ts';
import { named } from './names.ts';

/** Which devices; all that is given must fit, and something must be. Profile and templates by their names. */
export interface SyncWanted {
  readonly all?: boolean;
  readonly family?: string;
  readonly model?: string;
  /** Those that have said another version, or none. */
  readonly exceptVersion?: string;
  readonly profile?: string;
  readonly lineTemplate?: string;
  readonly deviceTemplate?: string;
  /** These alone. */
  readonly macs?: readonly Mac[];
}

export type Pace = Pick<Sync, 'perMinute' | 'perAddress' | 'canary' | 'mostLost' | 'canaryWithin' | 'backWithin'>;

const MINUTE_MS = 60_000;
const LONGEST_WAIT_MS = 7 * 24 * 60 * MINUTE_MS;

export const USUAL_PACE: Pace = {
  perMinute: 60,
  perAddress: 5,
  canary: 0,
  mostLost: 1,
  canaryWithin: 15 * MINUTE_MS,
  backWithin: 10 * MINUTE_MS,
};

/** What devices are told. */
type Told = Pick<Sync, 'reboots'>;
const FETCH: Told = { reboots: false };

/**
 * Has all these devices told to fetch, or to restart, by the process that serves. Rejects with `invalid` for nothing said, `not_found` for no
 * such devices, and `conflict` while another one of this tenant is under way.
 */
export async function startSync(
  core: Core,
  tenantId: string,
  wanted: SyncWanted,
  pace: Pace,
  { reboots }: Told = FETCH,
): Promise<Sync> {
  const said = whichSaid(wanted);
  checkPace(pace);
  return core.store.transaction(async (store) => {
    const tenant = orNotFound(await store.tenant(tenantId), 'tenant');
    await refuseWhileOther(store, tenantId);
    const wirings = await store.wirings(tenantId);
    const macs = mixed(wirings, await fitting(store, tenant, wirings, wanted));
    if (macs.length === 0)
      throw new SelfprovError('not_found', `there are no devices with ${said.join(', ') || 'a line'}`);
    const what = said.join(', ') || 'all';
    return begin(core, store, { tenantId, what, mac: null, rotates: false, reboots, ...pace }, macs);
  });
}

/** How many devices these are. Rejects as `startSync` does, but for there being none, or another under way. */
export async function countForSync(
  { store }: Pick<Core, 'store'>,
  tenantId: string,
  wanted: SyncWanted,
): Promise<number> {
  whichSaid(wanted);
  const tenant = orNotFound(await store.tenant(tenantId), 'tenant');
  return (await fitting(store, tenant, await store.wirings(tenantId), wanted)).length;
}

/** Those that all of it fits. */
async function fitting(
  store: Store,
  tenant: Tenant,
  wirings: readonly Wiring[],
  wanted: SyncWanted,
): Promise<readonly Mac[]> {
  const macs = picked(wirings, tenant, await idsOf(store, tenant.id, wanted));
  const only = new Set(wanted.macs ?? macs);
  return macs.filter((mac) => only.has(mac));
}

/** In words. Throws `invalid` for nothing. */
function whichSaid({ all, macs, ...parts }: SyncWanted): readonly string[] {
  const common = Object.entries(parts).map(([name, value]) => `${WORDS[name as keyof typeof WORDS]} ${value}`);
  const said = [...common, ...(macs === undefined ? [] : [`being picked (${macs.length})`])];
  if ((all === true) === said.length > 0)
    throw new SelfprovError(
      'invalid',
      'say which devices: --all, --mac, or what they have in common: --family, --model, --except-version, --profile, --line-template, --device-template',
    );
  return said;
}

const WORDS = {
  family: 'family',
  model: 'model',
  exceptVersion: 'another version than',
  profile: 'profile',
  lineTemplate: 'line template',
  deviceTemplate: 'device template',
} as const;

/** Whom an administrator names does not wait for neighbours. */
const AT_ONCE: Pace = { ...USUAL_PACE, perAddress: USUAL_PACE.perMinute };

/** Has one device told to fetch, or to restart, now. Rejects with `not_found`, and with `conflict` and the reason when it cannot be told. */
export async function syncDevice(core: Core, mac: Mac, { reboots }: Told = FETCH): Promise<Sync> {
  return core.store.transaction(async (store) => {
    const device = orNotFound(await store.device(mac), `device ${formatMac(mac)}`);
    const isHandedOver = (await store.handOversOf(mac)).some(({ state }) => state === 'open');
    const why = whyNotTold({ isHandedOver, lines: await store.lines(mac) });
    if (why !== undefined)
      throw new SelfprovError(
        'conflict',
        `${formatMac(mac)} cannot be told: ${why}. It has a change at its next fetch.`,
      );
    const what = `device ${formatMac(mac)}`;
    return begin(core, store, { tenantId: device.tenantId, what, mac, rotates: false, reboots, ...AT_ONCE }, [mac]);
  });
}

/** Two at once would tell the same phones twice; those of a single device are an administrator's own affair. */
export async function refuseWhileOther(store: Store, tenantId: string): Promise<void> {
  const other = (await store.syncs(tenantId)).find((each) => each.mac === null && isOpen(each));
  if (other === undefined) return;
  throw new SelfprovError('conflict', `sync ${other.id} is under way: wait for it, or cancel it`);
}

/** Writes down a new sync of these devices, in this order. */
export async function begin(
  { now, actor }: Core,
  store: Store,
  about: Pick<Sync, 'tenantId' | 'what' | 'mac' | 'rotates' | 'reboots'> & Pace,
  macs: readonly Mac[],
): Promise<Sync> {
  const state = { state: 'running', canaryPassedAt: null, startedAt: now(), endedAt: null } as const;
  const sync = await store.addSync({ ...about, ...state, actor }, macs);
  const { id, tenantId, what, mac, perMinute, perAddress, canary, mostLost } = sync;
  const pace = mac === null ? { perMinute, perAddress, canary, mostLost } : {};
  const detail = { sync: id, what, devices: macs.length, ...pace, ...(about.reboots ? { reboots: true } : {}) };
  await store.addEvent({ step: 'sync_started', tenantId, mac, actor, detail });
  return sync;
}

/** Throws `invalid`. */
export function checkPace({ perMinute, perAddress, canary, canaryWithin, backWithin }: Pace): void {
  const least = Math.min(perMinute, perAddress, canaryWithin / MINUTE_MS, backWithin / MINUTE_MS);
  const longest = Math.max(canaryWithin, backWithin);
  if (least < 1 || perMinute > 6000 || canary < 0 || longest > LONGEST_WAIT_MS)
    throw new SelfprovError('invalid', 'a sync tells 1 to 6000 devices a minute, and waits from a minute to a week');
}

async function idsOf(store: Store, tenantId: string, wanted: SyncWanted): Promise<Wanted> {
  const { family, model, exceptVersion, profile, lineTemplate, deviceTemplate } = wanted;
  return {
    ...(family === undefined ? {} : { family }),
    ...(model === undefined ? {} : { model }),
    ...(exceptVersion === undefined ? {} : { exceptVersion }),
    ...(profile === undefined ? {} : { profileId: named(await store.profiles(tenantId), profile, 'profile').id }),
    ...(lineTemplate === undefined
      ? {}
      : { lineTemplateId: named(await store.lineTemplates(tenantId), lineTemplate, 'line template').id }),
    ...(deviceTemplate === undefined
      ? {}
      : { deviceTemplateId: named(await store.deviceTemplates(tenantId), deviceTemplate, 'device template').id }),
  };
}

/** One of each model after the other, so that those that go first are of as many models as there are. */
export function mixed(wirings: readonly Wiring[], macs: readonly Mac[]): readonly Mac[] {
  const kindOf = new Map(wirings.map(({ mac, family, model }) => [mac, `${family} ${model}`]));
  const seen = new Map<string, number>();
  const turns = macs.map((mac) => {
    const kind = kindOf.get(mac) ?? '';
    const turn = seen.get(kind) ?? 0;
    seen.set(kind, turn + 1);
    return { mac, turn };
  });
  return turns.toSorted((one, other) => one.turn - other.turn).map(({ mac }) => mac);
}

/** What an administrator may do with a sync, from which states, and what it is then. */
const CHANGES = {
  pause: { from: ['running'], to: 'paused', step: 'sync_paused' },
  resume: { from: ['paused', 'stopped'], to: 'running', step: 'sync_resumed' },
  cancel: { from: ['running', 'paused', 'stopped'], to: 'cancelled', step: 'sync_cancelled' },
} as const satisfies Record<string, { from: readonly Sync['state'][]; to: Sync['state']; step: Step }>;

export type SyncChange = keyof typeof CHANGES;

/**
 * Nobody else is told, or the others are again. Who resumes one that has stopped says that the others are to be told all the
 * same. Rejects with `not_found`, and with `conflict` for one that is over, or while another has begun since it stopped.
 */
export async function changeSync(core: Core, tenantId: string, id: number, change: SyncChange): Promise<Sync> {
  const { store: outside, now, actor } = core;
  const { from, to, step } = CHANGES[change];
  return outside.transaction(async (store) => {
    const before = await syncOf(store, tenantId, id);
    if (!from.some((state) => state === before.state))
      throw new SelfprovError('conflict', `sync ${id} cannot ${change}: it is ${before.state}`);
    if (before.state === 'stopped' && to === 'running') await refuseWhileOther(store, tenantId);
    const passed = before.state === 'stopped' && to === 'running' ? { canaryPassedAt: now() } : {};
    const after = { ...before, ...passed, state: to, endedAt: to === 'cancelled' ? now() : null };
    await store.updateSync(id, after);
    const detail = { sync: id, ...countsOf(await store.syncItems(id)) };
    await store.addEvent({ step, tenantId, mac: before.mac, actor, detail });
    return after;
  });
}

/** Rejects with `not_found`. */
export async function syncOf(store: Store, tenantId: string, id: number): Promise<Sync> {
  const sync = await store.sync(id);
  return orNotFound(sync?.tenantId === tenantId ? sync : undefined, `sync ${id}: see "selfprov sync list"`);
}
