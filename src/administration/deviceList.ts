import { asteriskOf, type AsteriskName } from '../domain/addresses.ts';
import { formatMac, type Mac } from '../domain/mac.ts';
import type { Device, DeviceState, Line } from '../domain/device.ts';
import { stateOf, type HandOver, type HandOverFailure } from '../domain/handOver.ts';
import type { Event } from '../domain/journal.ts';
import { isLocked } from '../domain/lockout.ts';
import type { DeviceSearch, Store } from '../domain/ports.ts';
import { policyOf } from '../domain/tenant.ts';
import type { Instant } from '../domain/time.ts';
import type { Families } from '../phones/family/family.ts';
import { howToProve } from '../provisioning/files/noteRequest.ts';
import type { Core } from './core.ts';
import { deviceOf, type DeviceFacts } from './devices.ts';
import { profileOf } from './profiles.ts';

/** A device as an administrator sees one. */
export interface DeviceShown {
  readonly mac: Mac;
  readonly number: number;
  readonly tenantId: string;
  readonly isBlocked: boolean;
  readonly serial: string | null;
  /** An administrator's own; `note` is ours. */
  readonly remark: string;
  readonly family: string;
  readonly model: string | null;
  readonly firmware: string | null;
  readonly state: DeviceState;
  readonly address: string | null;
  readonly seenAt: Instant;
  readonly createdAt: Instant;
  /** Of its users, by slot, separated by commas; `1500 of acme` is a user of another tenant than the device's. */
  readonly extension: string | null;
  readonly lines: readonly LineShown[];
  readonly registered: boolean;
  readonly locked: boolean;
  /** The latest. */
  readonly handOver: Omit<HandOver, 'previousToken'> | null;
  /** What an administrator should know or do; `null` when all is well. `note` is the same for who types commands. */
  readonly attention: Attention | null;
  readonly note: string | null;
}

export const ATTENTIONS = [
  ...(['blocked', 'no_files', 'locked', 'asked_by_many', 'never_proven', 'offered_anew', 'turned_away'] as const),
  ...(['not_notified', 'not_fetched', 'not_registered', 'new_address'] as const),
] as const;

export interface Attention {
  readonly kind: (typeof ATTENTIONS)[number];
  /** Whom it is about; `null`: nobody in particular. */
  readonly address: string | null;
}

export interface LineShown {
  readonly slot: number;
  /** Digest user name. */
  readonly account: string;
  /** `null` for a default line. */
  readonly extension: string | null;
  /** The user's. */
  readonly name: string | null;
  /** Where the file with it was last served to; `null`: it has not been fetched. */
  readonly address: string | null;
  /** The user's, else the device's. */
  readonly tenantId: string;
  readonly registered: boolean;
  /** Where it is registered, of several. */
  readonly asterisk: AsteriskName;
}

/** For who types commands. */
const NOTES: Readonly<
  Record<Attention['kind'], (device: Pick<Device, 'mac' | 'family'>, address: string | null) => string>
> = {
  blocked: ({ mac }) => `blocked: selfprov device unblock ${formatMac(mac)}`,
  no_files: ({ family }) => `there are no files for family ${family}: docs/add-a-family.md`,
  locked: ({ mac }) => `locked by wrong PINs: selfprov device unlock ${formatMac(mac)}`,
  asked_by_many: ({ mac }, from) =>
    `too many ask for its file, the last one at ${from}: see selfprov event list --mac ${formatMac(mac)}`,
  never_proven: ({ mac }, from) => `asks at ${from}, and has never shown that it is this one: ${howToProve(mac)}`,
  offered_anew: (_device, from) =>
    `was asked for anew at ${from}, and given a default line: its user has it again by a call from it`,
  turned_away: ({ mac }, from) =>
    `was refused its file at ${from}; if it was reset: selfprov device release ${formatMac(mac)}`,
  not_notified: () => `could not be told to fetch its new file: ${RESTART}`,
  not_fetched: () => `was told, and has not fetched its new file: ${RESTART}`,
  not_registered: () => `has its new file, and has not registered: ${RESTART}`,
  new_address: (_device, from) =>
    `its file was fetched from a new address, ${from}; if that is not the phone: release it and set it up again`,
};
const RESTART = 'switch it off and on';

/** How long somebody turned away is worth a note. */
const NOTE_MS = 7 * 24 * 60 * 60_000;

/** What devices are looked for by; the profile by its name. */
export type DevicesWanted = Omit<DeviceSearch, 'profileId' | 'titles'> & { readonly profile?: string };

/**
 * A page of those that a search fits, and how many there are of them in all. Rejects with `not_found` for a profile that there is not, and
 * for a place in the list that is gone with its device.
 */
export async function searchDevices(
  core: Core,
  { families }: Pick<DeviceFacts, 'families'>,
  wanted: DevicesWanted,
): Promise<{ readonly devices: readonly DeviceShown[]; readonly count: number }> {
  const known = families();
  if (wanted.order === 'newest' && wanted.after !== undefined) await deviceOf(core, wanted.after);
  const { devices, count } = await core.store.searchDevices(await searchFor(core, known, wanted));
  return { devices: await Promise.all(devices.map((device) => show(core, known, device))), count };
}

export async function searchFor(
  { store }: Pick<Core, 'store'>,
  { byId }: Families,
  { profile, ...rest }: DevicesWanted,
): Promise<DeviceSearch> {
  const titles = new Map([...byId].map(([id, { data }]) => [id, data.title]));
  if (profile === undefined) return { ...rest, titles };
  return { ...rest, titles, profileId: (await profileOf(store, rest.tenantId, profile)).id };
}

/** One device with the latest of its events. Rejects with `not_found`. */
export async function showDevice(
  core: Core,
  { families }: Pick<DeviceFacts, 'families'>,
  mac: Mac,
  latest: number,
): Promise<DeviceShown & { readonly events: readonly Event[] }> {
  const shown = await show(core, families(), await deviceOf(core, mac));
  return { ...shown, events: await core.store.events({ mac, limit: latest }) };
}

async function show({ store, now }: Core, families: Families, device: Device): Promise<DeviceShown> {
  const {
    mac,
    tenantId,
    number,
    isBlocked,
    serial,
    note: remark,
    family,
    model,
    firmware,
    address,
    seenAt,
    createdAt,
  } = device;
  const lines = await store.lines(mac);
  const handOvers = await store.handOversOf(mac);
  const state = stateOf(lines, handOvers);
  const shown = await Promise.all(lines.map((line) => showLine(store, device, line)));
  const latest = handOvers.toSorted((one, other) => other.acceptedAt - one.acceptedAt)[0];
  const failed = handOvers.find((each) => each.state === 'failed');
  const tries = await Promise.all(lines.map(({ authName }) => store.tries('line', tenantId, authName)));
  // Anybody who asks for the file of a phone without a user gets a line, and may lock that one.
  const locked = tries.length > 0 && tries.every((each) => isLocked(each, now()));
  const attention = attentionTo(
    { ...device, state, locked, failed: failed && (failed.failure ?? 'not_notified') },
    { families, isOffered: await isOfferedAgain(store, device), now: now() },
  );
  return {
    ...{ mac, tenantId, number, isBlocked, serial, remark, family, model, firmware, state, address, seenAt, createdAt },
    extension: shown.flatMap((line) => whoseLine(line, tenantId) ?? []).join(', ') || null,
    lines: shown,
    registered: shown.some(({ registered }) => registered),
    locked,
    handOver: latest === undefined ? null : withoutToken(latest),
    attention,
    note: attention && NOTES[attention.kind](device, attention.address),
  };
}

/** Whether who asks anew for the file of this device, and turns away, is given a default line all the same. */
async function isOfferedAgain(store: Store, { tenantId, turnedAwayAt }: Device): Promise<boolean> {
  const tenant = turnedAwayAt === null ? undefined : await store.tenant(tenantId);
  return tenant !== undefined && policyOf(tenant).factoryReset === 'default_line';
}

async function showLine(store: Store, device: Device, line: Line): Promise<LineShown> {
  const { slot, authName, userId, contact, address } = line;
  const user = userId === null ? undefined : await store.user(userId);
  const tenantId = user?.tenantId ?? device.tenantId;
  const registration = { registered: contact !== null, asterisk: contact === null ? null : asteriskOf(contact) };
  const whose = { extension: user?.extension ?? null, name: user?.name ?? null };
  return { slot, account: authName, ...whose, address, tenantId, ...registration };
}

/** For people; `null` for a default line. */
export function whoseLine({ extension, tenantId }: LineShown, ofDevice: string): string | null {
  return extension === null || tenantId === ofDevice ? extension : `${extension} of ${tenantId}`;
}

export function withoutToken(handOver: HandOver): Omit<HandOver, 'previousToken'> {
  const { previousToken, nextAttemptAt, ...shown } = handOver;
  void previousToken;
  // What is due at once is so since it was accepted.
  return { ...shown, nextAttemptAt: nextAttemptAt === null ? null : Math.max(nextAttemptAt, handOver.acceptedAt) };
}

/** What somebody has to look at, the most pressing. */
function attentionTo(
  device: Device & Pick<DeviceShown, 'state' | 'locked'> & { readonly failed: HandOverFailure | undefined },
  { families, isOffered, now }: { readonly families: Families; readonly isOffered: boolean; readonly now: Instant },
): Attention | null {
  const { family, state, address, turnedAwayAt, turnedAwayFrom, movedAt, failed } = device;
  const isRecent = (at: Instant | null): boolean => at !== null && now - at < NOTE_MS;
  const isTurnedAway = isRecent(turnedAwayAt);
  const files = families.byId.get(family)?.files.size ?? 0;
  const of = (kind: Attention['kind'], from: string | null = null): Attention => ({ kind, address: from });
  if (device.isBlocked) return of('blocked');
  if (files === 0) return of('no_files');
  if (device.locked) return of('locked');
  if (isTurnedAway && state === 'unassigned') return of('asked_by_many', turnedAwayFrom);
  if (isTurnedAway && address === null) return of('never_proven', turnedAwayFrom);
  if (isTurnedAway && isOffered) return of('offered_anew', turnedAwayFrom);
  if (isTurnedAway) return of('turned_away', turnedAwayFrom);
  if (failed !== undefined) return of(failed);
  return isRecent(movedAt) ? of('new_address', address) : null;
}
