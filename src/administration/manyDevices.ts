import { isDefaultLine, usersHolding, type Device } from '../domain/device.ts';
import { SelfprovError } from '../domain/errors.ts';
import type { Mac } from '../domain/mac.ts';
import type { Store } from '../domain/ports.ts';
import { whyNotTold } from '../domain/sync.ts';
import type { User } from '../domain/user.ts';
import { releaseDevice } from '../provisioning/handOver/releaseDevice.ts';
import type { Core } from './core.ts';
import { searchFor, type DevicesWanted } from './deviceList.ts';
import { changeDevice, type DeviceFacts } from './devices.ts';
import { profileOf } from './profiles.ts';
import { showTenant } from './tenants.ts';
import { changeUser } from './users.ts';
import { blockDevice, moveDevice, unblockDevice } from './whoseDevice.ts';

/** What can be done to many devices, each by itself. Having them fetch, `sync`, or restart, `reboot`, is `startSync`, which paces it. */
export const DEEDS = ['release', 'block', 'unblock', 'profile', 'move'] as const;
export const PREVIEWED = ['sync', 'reboot', ...DEEDS] as const;

export type Deed =
  | { readonly action: 'release' | 'block' | 'unblock' }
  | { readonly action: 'profile'; readonly profile: string }
  | { readonly action: 'move'; readonly to: string };
export type Previewed = Deed | { readonly action: 'sync' | 'reboot' };

/** So many devices are picked for one thing. */
export const MOST_PICKED = 5000;

/** What becomes of a device, in words for one or for many. */
export const EFFECTS = {
  told: 'told to fetch its file, one after the other',
  restarted: 'told to restart, one after the other, and fetches its file then',
  released: 'taken from its user: it goes back to its default line, and is told to fetch that',
  blocked_released: 'taken from its user and blocked: nobody can have it until it is unblocked',
  blocked: 'blocked: nobody can have it until it is unblocked',
  unblocked: 'unblocked: users can have it again',
  moved: 'of the other tenant from then on, with new default lines, which it is told to fetch',
  profile_of_users: 'by the other profile, which its users get, with all of their phones, at the next fetch',
  profile_of_device: 'by the other profile until a user has it, from the next fetch on',
  as_is: 'as it is wanted already: nothing is done',
} as const;
export type Effect = keyof typeof EFFECTS;

/** What becomes of one device, or why nothing can. */
export type Outcome = { readonly mac: Mac } & (
  { readonly effect: Effect; readonly why: null } | { readonly effect: null; readonly why: string }
);

/** These, each once; or those that a search fits. Rejects with `invalid` for none, and for more than anybody looks through. */
export async function pickedDevices(
  core: Core,
  { families }: Pick<DeviceFacts, 'families'>,
  wanted: readonly Mac[] | Omit<DevicesWanted, 'limit'>,
): Promise<readonly Mac[]> {
  const found =
    'tenantId' in wanted
      ? (
          await core.store.searchDevices(await searchFor(core, families(), { ...wanted, limit: MOST_PICKED + 1 }))
        ).devices.map(({ mac }) => mac)
      : [...new Set(wanted)];
  if (found.length === 0) throw new SelfprovError('invalid', 'no device is picked');
  if (found.length > MOST_PICKED)
    throw new SelfprovError('invalid', `more than ${MOST_PICKED} devices fit: say more of which you mean`);
  return found;
}

/** What would become of each of these, at this moment; nothing is done. */
export function previewDeed(
  core: Core,
  tenantId: string,
  deed: Previewed,
  macs: readonly Mac[],
): Promise<readonly Outcome[]> {
  return toEach(core, tenantId, deed, macs, async () => undefined);
}

/** Does it to each of these by itself: what one refuses is done to the others. Rejects with `not_found` for a profile or tenant that there is not. */
export function doToEach(core: Core, tenantId: string, deed: Deed, macs: readonly Mac[]): Promise<readonly Outcome[]> {
  return toEach(core, tenantId, deed, macs, (mac) => carryOut(core, tenantId, deed, mac));
}

async function toEach(
  core: Core,
  tenantId: string,
  deed: Previewed,
  macs: readonly Mac[],
  work: (mac: Mac) => Promise<unknown>,
): Promise<readonly Outcome[]> {
  if (deed.action === 'move') await showTenant(core, deed.to);
  const profileId = deed.action === 'profile' ? (await profileOf(core.store, tenantId, deed.profile)).id : undefined;
  const outcomes: Outcome[] = [];
  for (const mac of macs) {
    try {
      const effect = await effectOn(core.store, tenantId, deed, mac, profileId);
      if (effect !== 'as_is') await work(mac);
      outcomes.push({ mac, effect, why: null });
    } catch (error) {
      if (!(error instanceof SelfprovError)) throw error;
      outcomes.push({ mac, effect: null, why: error.message });
    }
  }
  return outcomes;
}

async function effectOn(
  store: Store,
  tenantId: string,
  deed: Previewed,
  mac: Mac,
  profileId: string | undefined,
): Promise<Effect> {
  const device = await store.device(mac);
  // Also where a user of this tenant has a line of it: it is its owner's to decide.
  if (device?.tenantId !== tenantId) return refuse('it is no device of this tenant');
  const lines = await store.lines(mac);
  const isUsers = usersHolding(lines) !== undefined;
  switch (deed.action) {
    case 'sync':
    case 'reboot': {
      const isHandedOver = (await store.handOversOf(mac)).some(({ state }) => state === 'open');
      const why = whyNotTold({ isHandedOver, lines });
      if (why !== undefined) return refuse(`${why}: it has a change at its next fetch`);
      return deed.action === 'reboot' ? 'restarted' : 'told';
    }
    case 'release':
      return isUsers ? 'released' : refuse('no user has it');
    case 'block':
      if (device.isBlocked) return 'as_is';
      return isUsers ? 'blocked_released' : 'blocked';
    case 'unblock':
      return device.isBlocked ? 'unblocked' : 'as_is';
    case 'move':
      if (deed.to === tenantId) return 'as_is';
      return isUsers ? refuse('a user has it: take it back first, then move it') : 'moved';
    case 'profile':
      return profileEffect(store, device, profileId);
  }
}

async function profileEffect(store: Store, device: Device, profileId: string | undefined): Promise<Effect> {
  const users = await usersOf(store, device.mac);
  if (users.length === 0) return device.profileId === profileId ? 'as_is' : 'profile_of_device';
  if (users.some(({ tenantId }) => tenantId !== device.tenantId))
    return refuse('a user of another tenant has a line of it');
  return users.every((user) => user.profileId === profileId) ? 'as_is' : 'profile_of_users';
}

async function carryOut(core: Core, tenantId: string, deed: Deed, mac: Mac): Promise<void> {
  switch (deed.action) {
    case 'release':
      return releaseDevice(core, { mac, actor: core.actor });
    case 'block':
      return blockDevice(core, mac);
    case 'unblock':
      return unblockDevice(core, mac);
    case 'move':
      return moveDevice(core, mac, deed.to);
    case 'profile': {
      const users = await usersOf(core.store, mac);
      const { profile } = deed;
      if (users.length === 0) await changeDevice(core, mac, { profile });
      for (const user of users.filter((each) => each.tenantId === tenantId)) await changeUser(core, user, { profile });
    }
  }
}

async function usersOf(store: Store, mac: Mac): Promise<readonly User[]> {
  const ids = (await store.lines(mac)).filter((line) => !isDefaultLine(line)).flatMap(({ userId }) => userId ?? []);
  const users = await Promise.all([...new Set(ids)].map((id) => store.user(id)));
  return users.filter((user) => user !== undefined);
}

/** How many come to the same, the most first, each with one of them. */
export function summed(outcomes: readonly Outcome[]) {
  const groups = new Map<string, { effect: Effect | null; why: string | null; count: number; example: Mac }>();
  for (const { mac, effect, why } of outcomes) {
    const key = effect ?? `! ${why}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { effect, why, count: 1, example: mac });
    else group.count += 1;
  }
  return [...groups.values()].toSorted((one, other) => other.count - one.count);
}

function refuse(message: string): never {
  throw new SelfprovError('conflict', message);
}
