import { randomBytes } from 'node:crypto';
import { emptyPorts, isDefaultLine, usersHolding, type Device, type DeviceState, type Line } from '../domain/device.ts';
import { DEVICE_SETTINGS } from '../domain/deviceSettings.ts';
import { SelfprovError } from '../domain/errors.ts';
import { stateOf, type HandOver, type HandOverFailure } from '../domain/handOver.ts';
import type { Event } from '../domain/journal.ts';
import { isLocked } from '../domain/lockout.ts';
import { formatMac, type Mac } from '../domain/mac.ts';
import { orNotFound } from '../domain/orNotFound.ts';
import type { Store } from '../domain/ports.ts';
import type { Secret } from '../domain/secret.ts';
import type { Instant } from '../domain/time.ts';
import type { Families } from '../phones/family/family.ts';
import { deliveryUrl } from '../provisioning/files/deliveryUrl.ts';
import { addLines, enrolDevice, newDefaultLines, newDevice } from '../provisioning/files/enrolDevice.ts';
import { endLines } from '../provisioning/handOver/endLines.ts';
import { profileOf } from './profiles.ts';
import { giveDevice } from './whoseDevice.ts';
import type { Core } from './core.ts';
import { changes, said, type Texts } from './settings.ts';

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
  /** What an administrator should know or do; `null` when all is well. */
  readonly note: string | null;
}

export interface LineShown {
  readonly slot: number;
  /** Digest user name. */
  readonly account: string;
  /** `null` for a default line. */
  readonly extension: string | null;
  /** The user's, else the device's. */
  readonly tenantId: string;
  readonly registered: boolean;
}

/** What is known of phones and of our own address. */
export interface DeviceFacts {
  readonly families: () => Families;
  readonly openUrl: () => string;
}

const FAILURES: Readonly<Record<HandOverFailure, string>> = {
  not_notified: 'could not be told to fetch its new file',
  not_fetched: 'was told, and has not fetched its new file',
  not_registered: 'has its new file, and has not registered',
};

/** How long somebody turned away is worth a note. */
const NOTE_MS = 7 * 24 * 60 * 60_000;

/** A tenant's own, and those on which a user of it has a line. */
export async function listDevices(
  core: Core,
  { families }: Pick<DeviceFacts, 'families'>,
  tenantId: string,
): Promise<readonly DeviceShown[]> {
  const known = families();
  const all = [...(await core.store.devices(tenantId)), ...(await core.store.devicesElsewhere(tenantId))];
  const sorted = all.toSorted((one, other) => (one.mac < other.mac ? -1 : 1));
  return Promise.all(sorted.map((device) => show(core, known, device)));
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
  const tries = await Promise.all(lines.map(({ authName }) => store.tries('line', tenantId, authName)));
  // Anybody who asks for the file of a phone without a user gets a line, and may lock that one.
  const locked = tries.length > 0 && tries.every((each) => isLocked(each, now()));
  return {
    ...{ mac, tenantId, number, isBlocked, serial, remark, family, model, firmware, state, address, seenAt, createdAt },
    extension: shown.flatMap((line) => whoseLine(line, tenantId) ?? []).join(', ') || null,
    lines: shown,
    registered: shown.some(({ registered }) => registered),
    locked,
    handOver: latest === undefined ? null : withoutToken(latest),
    note: noteOf(
      device,
      state,
      families,
      handOvers.find((each) => each.state === 'failed'),
      locked,
      now(),
    ),
  };
}

async function showLine(store: Store, device: Device, { slot, authName, userId, contact }: Line): Promise<LineShown> {
  const user = userId === null ? undefined : await store.user(userId);
  const tenantId = user?.tenantId ?? device.tenantId;
  return { slot, account: authName, extension: user?.extension ?? null, tenantId, registered: contact !== null };
}

/** For people; `null` for a default line. */
export function whoseLine({ extension, tenantId }: LineShown, ofDevice: string): string | null {
  return extension === null || tenantId === ofDevice ? extension : `${extension} of ${tenantId}`;
}

function withoutToken(handOver: HandOver): Omit<HandOver, 'previousToken'> {
  const { previousToken, ...shown } = handOver;
  void previousToken;
  return shown;
}

/** What somebody has to do, the most pressing first. */
function noteOf(
  device: Device,
  state: DeviceState,
  families: Families,
  failed: HandOver | undefined,
  locked: boolean,
  now: Instant,
): string | null {
  const { family, address, turnedAwayAt, turnedAwayFrom, movedAt } = device;
  const mac = formatMac(device.mac);
  const files = families.byId.get(family)?.files.size ?? 0;
  if (device.isBlocked) return `blocked: selfprov device unblock ${mac}`;
  if (files === 0) return `there are no files for family ${family}: docs/add-a-family.md`;
  if (locked) return `locked by wrong PINs: selfprov device unlock ${mac}`;
  if (turnedAwayAt !== null && now - turnedAwayAt < NOTE_MS && state === 'unassigned')
    return `too many ask for its file, the last one at ${turnedAwayFrom}: see selfprov event list --mac ${mac}`;
  if (turnedAwayAt !== null && now - turnedAwayAt < NOTE_MS)
    return `was refused its file at ${turnedAwayFrom}; if it was reset: selfprov device release ${mac}`;
  if (failed !== undefined)
    return `${FAILURES[failed.failure ?? 'not_notified']}: switch it off and on; see selfprov device show ${mac}`;
  if (movedAt !== null && now - movedAt < NOTE_MS)
    return `its file was fetched from a new address, ${address}; if that is not the phone: release it and set it up again`;
  return null;
}

/** What a device is entered with before it has ever asked. */
export interface DeviceEntry {
  readonly tenantId: string;
  readonly family: string;
  readonly mac?: Mac;
  readonly model?: string;
  readonly serial?: string;
  readonly note?: string;
  /** Whose settings it has until a user has it. */
  readonly profile?: string;
  readonly texts?: Texts;
  /** Extension by port, from 1. */
  readonly users?: Readonly<Record<string, string>>;
}

/**
 * Enrols a device before it has asked for anything: an app, which has no MAC and gets one of ours (IEEE 802: the second
 * bit of the first octet marks it as locally made), or a phone whose MAC is known. Gives the URL for it, which is a
 * secret. With `users` it comes up as theirs, without a call, once it shows that it is this device. Rejects with `conflict`
 * when it is known already, with `not_found` for a family without files.
 */
export async function addDevice(
  core: Core,
  facts: DeviceFacts,
  input: DeviceEntry,
): Promise<{ readonly mac: Mac; readonly url: string }> {
  const { tenantId, family, model = null, serial, note = '', profile, texts = {}, users = {} } = input;
  checkFamily(facts.families(), family);
  const mac = input.mac ?? `02${randomBytes(5).toString('hex')}`;
  const token = await core.store.transaction(async (store) => {
    if ((await store.device(mac)) !== undefined) {
      throw new SelfprovError('conflict', `device ${mac} is there already: see "selfprov device show ${mac}"`);
    }
    const seen = { family, model, firmware: null, address: null };
    const entered = {
      serial: serial?.trim().toUpperCase() ?? null,
      note: goodNote(note),
      profileId: profile === undefined ? null : (await profileOf(store, tenantId, profile)).id,
      says: said(DEVICE_SETTINGS, {}, texts),
    };
    const device = { ...newDevice(mac, tenantId, seen, core.now()), ...entered };
    const lines = await defaultLinesFor({ ...core, store }, device);
    const added = await enrolDevice(store, device, lines, core.actor);
    for (const [port, extension] of Object.entries(users)) {
      await giveDevice({ ...core, store }, { mac, tenantId, extension, slot: Number(port) });
    }
    return orNotFound(added.lines[0], 'port').token;
  });
  return { mac, url: urlFor(facts, family, token) };
}

/**
 * A new URL for a device that has lost its own: what it was given before is worth nothing from now on. Rejects with
 * `not_found`, and with `conflict` for a device without a line.
 */
export async function newUrl(core: Core, facts: DeviceFacts, mac: Mac): Promise<string> {
  const { store: outside, actor } = core;
  const { family, token } = await outside.transaction(async (store) => {
    const device = orNotFound(await store.device(mac), `device ${formatMac(mac)}`);
    const users = usersHolding(await store.lines(mac));
    const before = await store.handOversOf(mac);
    const lines = users?.lines ?? (await onlyDefaultLines({ ...core, store }, device));
    const token = core.secrets.token();
    for (const { id } of lines) await store.updateLine(id, { token });
    for (const handOver of before) {
      const line = lines.find(({ slot }) => slot === handOver.slot);
      const now = line === undefined ? {} : { lineId: line.id, aor: line.endpoint };
      await store.putHandOver({ ...handOver, ...now, previousToken: null });
    }
    const userId = users?.lines.find((line) => !isDefaultLine(line))?.userId ?? null;
    await store.addEvent({ step: 'new_url', tenantId: device.tenantId, mac, userId, actor });
    return { ...device, token };
  });
  return urlFor(facts, family, token);
}

/** Changes what is this device's alone; it is in its file at the next fetch. Rejects with `invalid` or `not_found`. */
export async function changeDevice(
  core: Core,
  mac: Mac,
  change: {
    readonly texts?: Texts;
    readonly note?: string;
    readonly serial?: string | null;
    readonly profile?: string | null;
  },
): Promise<void> {
  const { texts = {}, note, serial, profile } = change;
  await core.store.transaction(async (store) => {
    const { says, tenantId, ...before } = await deviceOf({ ...core, store }, mac);
    const after = said(DEVICE_SETTINGS, says, texts);
    const plain = {
      ...(note === undefined || note === before.note ? {} : { note: goodNote(note) }),
      ...(serial === undefined || serial?.trim().toUpperCase() === before.serial
        ? {}
        : { serial: serial?.trim().toUpperCase() ?? null }),
    };
    const profileId =
      profile === undefined || profile === null ? profile : (await profileOf(store, tenantId, profile)).id;
    const isNew = profileId !== undefined && profileId !== before.profileId;
    const entered = isNew ? { profileId } : {};
    const named = isNew ? { profile: profile ?? 'none' } : {};
    const detail = { ...plain, ...named, ...changes(DEVICE_SETTINGS, says, after) };
    if (Object.keys(detail).length === 0) return;
    await store.updateDevice(mac, { says: after, ...plain, ...entered });
    await store.addEvent({ step: 'device_changed', tenantId, mac, actor: core.actor, detail });
  });
}

/** New default lines instead of all that others may have been given. */
async function onlyDefaultLines(core: Core, device: Device): Promise<readonly Line[]> {
  const { store, now } = core;
  const { mac, family, model, firmware } = device;
  const before = await store.lines(mac);
  if (before.length === 0) throw new SelfprovError('conflict', `there are no files for family ${family}`);
  await endLines(store, now(), device, before);
  const fresh = await defaultLinesFor(core, device);
  return addLines(
    store,
    device.tenantId,
    fresh.map((line) => ({ ...line, askedAs: { family, model, firmware } })),
  );
}

/** One on each port. */
function defaultLinesFor(core: Core, device: Omit<Device, 'number'>): ReturnType<typeof newDefaultLines> {
  return newDefaultLines(core, device, emptyPorts([], core.portsOf(device)));
}

const LONGEST_NOTE = 200;

/** Throws `invalid`. */
export function goodNote(note: string): string {
  const plain = note.trim();
  if (plain.length > LONGEST_NOTE || /\p{Cc}/u.test(plain))
    throw new SelfprovError('invalid', `a note has up to ${LONGEST_NOTE} characters and no line breaks`);
  return plain;
}

async function deviceOf({ store }: Core, mac: Mac): Promise<Device> {
  return orNotFound(await store.device(mac), `device ${formatMac(mac)}`);
}

function checkFamily(families: Families, id: string): void {
  const family = orNotFound(families.byId.get(id), `family ${id}: see "selfprov families"`);
  if (family.files.size > 0) return;
  throw new SelfprovError('not_found', `family ${id} is recognised only: there are no files for it yet`);
}

/** A file whose name never changes is given whole: an app asks for one URL and for nothing else. */
function urlFor({ families, openUrl }: DeviceFacts, family: string, token: Secret): string {
  const files = families().byId.get(family)?.data.files ?? [];
  const whole = files.find(({ name, role }) => role === 'device' && !name.includes('{'));
  return deliveryUrl(openUrl(), token).reveal() + (whole?.name ?? '');
}
