import { isDefaultLine, type Line } from '../domain/device.ts';
import { SelfprovError } from '../domain/errors.ts';
import { rotated } from '../domain/accounts.ts';
import { formerState, type FormerState } from '../domain/former.ts';
import { formatMac, type Mac } from '../domain/mac.ts';
import { orNotFound } from '../domain/orNotFound.ts';
import type { Store } from '../domain/ports.ts';
import { Secret } from '../domain/secret.ts';
import type { Sync } from '../domain/sync.ts';
import type { Instant } from '../domain/time.ts';
import type { User } from '../domain/user.ts';
import { putFormer } from '../provisioning/handOver/formers.ts';
import type { Core } from './core.ts';
import { begin, checkPace, mixed, refuseWhileOther, type Pace } from './syncs.ts';
import { userByExtension } from './users.ts';

/** Whose SIP passwords; one of them. */
export interface Rotation {
  readonly all?: boolean;
  readonly extension?: string;
  readonly mac?: Mac;
}

/** What a rotation would do. */
export interface RotationPlan {
  /** Devices that get new passwords. */
  readonly devices: readonly Mac[];
  /** Of these, devices of which a line still waits for the one before. */
  readonly underWay: readonly Mac[];
  /** Devices that keep what they have, and why; one of `devices` only until it is set up. */
  readonly kept: readonly { readonly mac: Mac; readonly why: string }[];
}

/**
 * Looks what a rotation would do. Rejects with `invalid` unless one thing is said, and with `not_found` where there is nothing of
 * selfprov's: a phone that registers with a password of the administrator's own is none of ours.
 */
export async function planRotation({ store, now }: Core, tenantId: string, wanted: Rotation): Promise<RotationPlan> {
  const lines = await linesOf(store, tenantId, wanted);
  const users = new Map<string, { readonly user: User; readonly lines: readonly Line[] }>();
  const usersOf = async (userId: string) => {
    const known = users.get(userId) ?? {
      user: orNotFound(await store.user(userId), 'user'),
      lines: await store.linesOfUser(userId),
    };
    users.set(userId, known);
    return known;
  };
  const devices = new Set<Mac>();
  const underWay = new Set<Mac>();
  const kept = new Map<Mac, string>();
  for (const line of lines) {
    const { mac, userId, former } = line;
    if (userId === null) continue;
    const { user, lines: others } = await usersOf(userId);
    const change = former === null ? rotated(line, user, { secret: NOBODYS, now: now() }, others) : 'under way';
    if (former !== null) underWay.add(mac);
    if (typeof change === 'string' && former === null) kept.set(mac, change);
    else devices.add(mac);
  }
  for (const mac of devices) {
    kept.delete(mac);
    const isComing = (await store.handOversOf(mac)).some(({ state }) => state === 'open');
    if (isComing) kept.set(mac, 'it is just being set up, and gets its new one when that has ended');
  }
  return {
    devices: [...devices],
    underWay: [...underWay],
    kept: [...kept].map(([mac, why]) => ({ mac, why })),
  };
}

/** Stands for one that is not made yet. */
const NOBODYS = new Secret('');

/**
 * Begins a sync that gives each of these devices new passwords when it is its turn, and tells it; who has not come since the last
 * time is told again. Rejects as `planRotation`, and with `conflict` and the reason where all keep what they have, or while
 * another sync is under way.
 */
export async function startRotation(
  core: Core,
  tenantId: string,
  wanted: Rotation,
  pace: Pace,
): Promise<RotationPlan & { readonly sync: Sync }> {
  checkPace(pace);
  return core.store.transaction(async (store) => {
    const plan = await planRotation({ ...core, store }, tenantId, wanted);
    const [kept] = plan.kept;
    if (plan.devices.length === 0) throw new SelfprovError('conflict', `nothing is changed: ${kept?.why ?? ''}`);
    const mac = wanted.mac ?? null;
    if (mac === null) await refuseWhileOther(store, tenantId);
    const what = `new passwords, ${whoseInWords(wanted)}`;
    const macs = mixed(await store.wirings(tenantId), plan.devices);
    const sync = await begin(
      { ...core, store },
      store,
      { tenantId, what, mac, rotates: true, reboots: false, ...pace },
      macs,
    );
    return { ...plan, sync };
  });
}

/** A line that waits for its phone. */
export interface RotationShown {
  readonly mac: Mac;
  readonly extension: string;
  readonly state: FormerState;
  readonly since: Instant;
}

/** Lines of which the password before still may be needed, by MAC. */
export async function rotationsUnderWay({ store, now }: Core, tenantId: string): Promise<readonly RotationShown[]> {
  const shown: RotationShown[] = [];
  for (const { mac, userId, former } of await store.linesWithFormer()) {
    const user = userId === null ? undefined : await store.user(userId);
    if (former === null || user === undefined) continue;
    if (user.tenantId !== tenantId && (await store.device(mac))?.tenantId !== tenantId) continue;
    shown.push({ mac, extension: user.extension, state: formerState(former, now()), since: former.since });
  }
  return shown;
}

/**
 * Takes the passwords before from all of these lines, whether their phones have come or not: who has not, registers again when it
 * has fetched. Resolves with the devices. Rejects as `planRotation`.
 */
export async function endFormers({ store, actor }: Core, tenantId: string, wanted: Rotation): Promise<readonly Mac[]> {
  return store.transaction(async (inside) => {
    const lines = (await linesOf(inside, tenantId, wanted)).filter(({ former }) => former !== null);
    for (const line of lines) await putFormer(inside, line, null, actor);
    return [...new Set(lines.map(({ mac }) => mac))];
  });
}

async function linesOf(store: Store, tenantId: string, wanted: Rotation): Promise<readonly Line[]> {
  const { all, extension, mac } = wanted;
  if ([all === true, extension !== undefined, mac !== undefined].filter(Boolean).length !== 1)
    throw new SelfprovError('invalid', 'say whose passwords: --all, --user or --mac');
  if (mac !== undefined) {
    const device = await store.device(mac);
    orNotFound(device?.tenantId === tenantId ? device : undefined, `device ${formatMac(mac)} of tenant ${tenantId}`);
    const its = (await store.lines(mac)).filter((line) => !isDefaultLine(line));
    if (its.length > 0) return its;
    throw new SelfprovError(
      'conflict',
      `no user has ${formatMac(mac)}: its default line gets another password with its next user, and reaches nobody but self-provisioning and emergency numbers`,
    );
  }
  const found = extension === undefined ? await ofAll(store, tenantId) : await ofUser(store, tenantId, extension);
  if (found.length > 0) return found;
  throw new SelfprovError('not_found', `no phone of selfprov is ${whoseInWords(wanted)}’s`);
}

async function ofUser(store: Store, tenantId: string, extension: string): Promise<readonly Line[]> {
  return store.linesOfUser((await userByExtension({ store }, tenantId, extension)).id);
}

async function ofAll(store: Store, tenantId: string): Promise<readonly Line[]> {
  const macs = new Set((await store.wirings(tenantId)).flatMap(({ mac, user }) => (user === null ? [] : [mac])));
  const lines: Line[] = [];
  for (const mac of macs) lines.push(...(await store.lines(mac)).filter((line) => !isDefaultLine(line)));
  return lines;
}

function whoseInWords({ extension, mac }: Rotation): string {
  if (mac !== undefined) return `device ${formatMac(mac)}`;
  return extension === undefined ? 'any user' : `extension ${extension}`;
}
