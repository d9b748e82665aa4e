import { hostOf } from '../domain/addresses.ts';
import { emptyPorts, holdingsOf, isDefaultLine, usersHolding, type Device, type Line } from '../domain/device.ts';
import { SelfprovError } from '../domain/errors.ts';
import { formatMac, type Mac } from '../domain/mac.ts';
import { orNotFound } from '../domain/orNotFound.ts';
import { addDefaultLines } from '../provisioning/files/enrolDevice.ts';
import { assignLine } from '../provisioning/handOver/assignDevice.ts';
import { endLines } from '../provisioning/handOver/endLines.ts';
import { beginHandOver, handOverTo, tokenOf, whereItIs } from '../provisioning/handOver/beginHandOver.ts';
import { releaseDevice } from '../provisioning/handOver/releaseDevice.ts';
import type { Core } from './core.ts';

/**
 * Gives a line of a device to a user: the first one that is nobody's, unless `slot` says which; gives the slot. Without a
 * call: its switches and limits do not count. Rejects with `not_found`, and with `conflict` as `assignLine` does, or when the
 * model has no such line.
 */
export async function giveDevice(
  core: Core,
  input: {
    readonly mac: Mac;
    readonly tenantId: string;
    readonly extension: string;
    readonly slot?: number;
    /** Where several claim to be this device: the account of the one that is meant. */
    readonly account?: string;
  },
): Promise<number> {
  const { mac, tenantId, extension, account } = input;
  const device = orNotFound(await core.store.device(mac), `device ${formatMac(mac)}`);
  const user = orNotFound(await core.store.userByExtension(tenantId, extension), `user with extension ${extension}`);
  const all = await core.store.lines(mac);
  const taken = (usersHolding(all)?.lines ?? []).filter((line) => !isDefaultLine(line));
  const slot = input.slot ?? emptyPorts(taken, taken.length + 1)[0] ?? 1;
  // Others may have asked in its name, and said what they liked: any of them may be right.
  const most = Math.max(...[device, ...all.flatMap(({ askedAs }) => askedAs ?? [])].map(core.linesOf));
  if (slot > most && input.slot !== undefined) throw new SelfprovError('conflict', tooFewLines(most));
  if (slot > most && !taken.some(({ userId }) => userId === user.id))
    throw new SelfprovError('conflict', `${tooFewLines(most)}, and users have them: release one first`);
  const named = account === undefined ? {} : { account };
  await assignLine(core, { mac, slot, userId: user.id, actor: core.actor, ...named }, null);
  return slot;
}

/** Why a device has no line for one more user. */
export function tooFewLines(lines: number): string {
  return `this model has ${lines === 1 ? '1 line' : `${lines} lines`}`;
}

/** To be nobody's until it is unblocked: whoever has it loses it. Calls from it still reach emergency numbers. */
export async function blockDevice(core: Core, mac: Mac): Promise<void> {
  const { actor } = core;
  await core.store.transaction(async (store) => {
    const { tenantId, isBlocked } = orNotFound(await store.device(mac), `device ${formatMac(mac)}`);
    if (isBlocked) return;
    if (usersHolding(await store.lines(mac)) !== undefined) await releaseDevice({ ...core, store }, { mac, actor });
    await store.updateDevice(mac, { isBlocked: true });
    await store.addEvent({ step: 'blocked', tenantId, mac, actor });
  });
}

export async function unblockDevice({ store: outside, actor }: Core, mac: Mac): Promise<void> {
  await outside.transaction(async (store) => {
    const { tenantId, isBlocked } = orNotFound(await store.device(mac), `device ${formatMac(mac)}`);
    if (!isBlocked) return;
    await store.updateDevice(mac, { isBlocked: false });
    await store.addEvent({ step: 'unblocked', tenantId, mac, actor });
  });
}

/**
 * Moves a device that is nobody's to another tenant, where it gets new default lines; it is told to fetch them. Rejects with
 * `not_found`, and with `conflict` when a user has it.
 */
export async function moveDevice(core: Core, mac: Mac, to: string): Promise<void> {
  const { store: outside, actor } = core;
  await outside.transaction(async (store) => {
    const device = orNotFound(await store.device(mac), `device ${formatMac(mac)}`);
    orNotFound(await store.tenant(to), `tenant ${to}: see "selfprov tenant list"`);
    const before = await store.lines(mac);
    if (usersHolding(before) !== undefined)
      throw new SelfprovError('conflict', 'a user has this device: release it first, then move it');
    const { tenantId: from } = device;
    if (from === to) return;
    await store.updateDevice(mac, { tenantId: to, profileId: null });
    if (before.length > 0) await moveToNewLines({ ...core, store }, { ...device, tenantId: to }, before);
    await store.addEvent({ step: 'device_changed', tenantId: to, mac, actor, detail: { from, tenant: to } });
  });
}

/** What the device has in its new tenant. Where several claim to be it, nobody can tell which token is the phone's. */
async function moveToNewLines(core: Core, device: Device, before: readonly Line[]): Promise<void> {
  const { store, now } = core;
  const [its, ...others] = holdingsOf(before);
  const coming = await handOverTo(store, before);
  // Of several ports the one that is on its way knows where the phone is.
  const left = its?.lines.find(({ id }) => id === coming?.lineId) ?? its?.lines[0];
  const isThere = coming !== undefined || before.some(({ servedAt }) => servedAt !== null);
  const one = its === undefined || others.length > 0 || !isThere ? undefined : its;
  const token = one && tokenOf(one, coming);
  const contact = left && whereItIs(left, coming);
  await endLines(store, now(), device, before, one === undefined ? whereItIs : undefined);
  const [line] = await addDefaultLines(core, device, token, one?.lines);
  if (token === undefined || left === undefined || line === undefined || contact === undefined) return;
  await beginHandOver(store, core, line, {
    ...{ kind: 'release', contact, contactsBefore: [], address: contact && hostOf(contact) },
    ...{ previousToken: token, leaves: left.endpoint, duringCall: false },
  });
}

/** Forgets the wrong secrets and serial numbers that were counted for a device. */
export async function unlockDevice({ store: outside, actor }: Core, mac: Mac): Promise<void> {
  await outside.transaction(async (store) => {
    const { tenantId } = orNotFound(await store.device(mac), `device ${formatMac(mac)}`);
    for (const { authName } of await store.lines(mac)) await store.forgiveTries('line', tenantId, authName);
    await store.forgiveAgainst('serial', mac);
    await store.addEvent({ step: 'unlocked', tenantId, mac, actor });
  });
}
