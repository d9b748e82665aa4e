import { randomBytes } from 'node:crypto';
import { isDefaultLine, type Device, type DeviceState } from '../domain/device.ts';
import { DEVICE_SETTINGS } from '../domain/deviceSettings.ts';
import { SelfprovError } from '../domain/errors.ts';
import type { HandOver, HandOverFailure } from '../domain/handOver.ts';
import type { Event } from '../domain/journal.ts';
import { isLocked } from '../domain/lockout.ts';
import { formatMac, type Mac } from '../domain/mac.ts';
import { orNotFound } from '../domain/orNotFound.ts';
import type { Secret } from '../domain/secret.ts';
import type { Instant } from '../domain/time.ts';
import type { Families } from '../phones/family/family.ts';
import { deliveryUrl } from '../provisioning/files/deliveryUrl.ts';
import { enrolDevice, newDefaultLine, newDevice } from '../provisioning/files/enrolDevice.ts';
import { endLines } from '../provisioning/handOver/endLines.ts';
import type { Core } from './core.ts';
import { changes, said, type Texts } from './settings.ts';

/** A device as an administrator sees one. */
export interface DeviceShown {
  readonly mac: Mac;
  readonly family: string;
  readonly model: string | null;
  readonly firmware: string | null;
  readonly state: DeviceState;
  readonly address: string | null;
  readonly seenAt: Instant;
  readonly createdAt: Instant;
  readonly extension: string | null;
  /** Digest user names of its lines. */
  readonly accounts: readonly string[];
  readonly registered: boolean;
  readonly locked: boolean;
  readonly handOver: Omit<HandOver, 'previousToken'> | null;
  /** What an administrator should know or do; `null` when all is well. */
  readonly note: string | null;
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

export async function listDevices(
  core: Core,
  { families }: Pick<DeviceFacts, 'families'>,
  tenantId: string,
): Promise<readonly DeviceShown[]> {
  const known = families();
  return Promise.all((await core.store.devices(tenantId)).map((device) => show(core, known, device)));
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
  const { mac, tenantId, family, model, firmware, state, address, seenAt, createdAt } = device;
  const lines = await store.lines(mac);
  const userId = lines.find((line) => !isDefaultLine(line))?.userId ?? null;
  const user = userId === null ? undefined : await store.user(userId);
  const handOver = await store.handOver(mac);
  const tries = await Promise.all(lines.map(({ authName }) => store.tries('line', tenantId, authName)));
  // Anybody who asks for the file of a phone without a user gets a line, and may lock that one.
  const locked = tries.length > 0 && tries.every((each) => isLocked(each, now()));
  return {
    ...{ mac, family, model, firmware, state, address, seenAt, createdAt },
    extension: user?.extension ?? null,
    accounts: lines.map(({ authName }) => authName),
    registered: lines.some(({ contact }) => contact !== null),
    locked,
    handOver: handOver === undefined ? null : withoutToken(handOver),
    note: noteOf(device, families, handOver, locked, now()),
  };
}

function withoutToken(handOver: HandOver): Omit<HandOver, 'previousToken'> {
  const { previousToken, ...shown } = handOver;
  void previousToken;
  return shown;
}

/** What somebody has to do, the most pressing first. */
function noteOf(
  device: Device,
  families: Families,
  handOver: HandOver | undefined,
  locked: boolean,
  now: Instant,
): string | null {
  const { family, address, turnedAwayAt, turnedAwayFrom, movedAt } = device;
  const mac = formatMac(device.mac);
  const files = families.byId.get(family)?.files.size ?? 0;
  if (files === 0) return `there are no files for family ${family}: docs/add-a-family.md`;
  if (locked) return `locked by wrong PINs: selfprov device unlock ${mac}`;
  if (turnedAwayAt !== null && now - turnedAwayAt < NOTE_MS && device.state === 'unassigned')
    return `too many ask for its file, the last one at ${turnedAwayFrom}: see selfprov event list --mac ${mac}`;
  if (turnedAwayAt !== null && now - turnedAwayAt < NOTE_MS)
    return `was refused its file at ${turnedAwayFrom}; if it was reset: selfprov device release ${mac}`;
  if (handOver?.state === 'failed')
    return `${FAILURES[handOver.failure ?? 'not_notified']}: switch it off and on; see selfprov device show ${mac}`;
  if (movedAt !== null && now - movedAt < NOTE_MS)
    return `its file was fetched from a new address, ${address}; if that is not the phone: release it and set it up again`;
  return null;
}

/**
 * Enrols a device before it has asked for anything: an app, which has no MAC and gets one of ours (IEEE 802: the second
 * bit of the first octet marks it as locally made), or a phone whose MAC is known. Gives the URL for it, which is a
 * secret. Rejects with `conflict` when it is known already, with `not_found` for a family without files.
 */
export async function addDevice(
  core: Core,
  facts: DeviceFacts,
  input: { readonly mac?: Mac; readonly tenantId: string; readonly family: string },
): Promise<{ readonly mac: Mac; readonly url: string }> {
  const { tenantId, family } = input;
  checkFamily(facts.families(), family);
  const mac = input.mac ?? `02${randomBytes(5).toString('hex')}`;
  const token = await core.store.transaction(async (store) => {
    if ((await store.device(mac)) !== undefined) {
      throw new SelfprovError('conflict', `device ${mac} is there already: see "selfprov device show ${mac}"`);
    }
    const line = await newDefaultLine({ ...core, store }, mac, tenantId);
    const seen = { family, model: null, firmware: null, address: null };
    await enrolDevice(store, newDevice(mac, tenantId, seen, core.now()), line, core.actor);
    return line.token;
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
    const line = (await store.lines(mac)).find((each) => !isDefaultLine(each));
    const made =
      line === undefined
        ? await onlyDefaultLine({ ...core, store }, device)
        : { token: core.secrets.token(), handOver: {} };
    if (line !== undefined) await store.updateLine(line.id, { token: made.token });
    const handOver = await store.handOver(mac);
    if (handOver !== undefined) await store.putHandOver({ ...handOver, ...made.handOver, previousToken: null });
    await store.addEvent({ step: 'new_url', tenantId: device.tenantId, mac, userId: line?.userId ?? null, actor });
    return { ...device, token: made.token };
  });
  return urlFor(facts, family, token);
}

/** Changes what is this device's alone; it is in its file at the next fetch. Rejects with `invalid` or `not_found`. */
export async function changeDevice(core: Core, mac: Mac, texts: Texts): Promise<void> {
  await core.store.transaction(async (store) => {
    const { says, tenantId } = await deviceOf({ ...core, store }, mac);
    const after = said(DEVICE_SETTINGS, says, texts);
    const detail = changes(DEVICE_SETTINGS, says, after);
    if (Object.keys(detail).length === 0) return;
    await store.updateDevice(mac, { says: after });
    await store.addEvent({ step: 'device_changed', tenantId, mac, actor: core.actor, detail });
  });
}

/** A new default line instead of all that others may have been given; gives its token, and what a hand-over waits for now. */
async function onlyDefaultLine(
  core: Core,
  device: Device,
): Promise<{ readonly token: Secret; readonly handOver: Pick<HandOver, 'lineId' | 'aor'> }> {
  const { store, now } = core;
  const { mac, tenantId, family, model, firmware } = device;
  if ((await store.lines(mac)).length === 0)
    throw new SelfprovError('conflict', `there are no files for family ${family}`);
  await endLines(store, now(), device);
  const {
    id: lineId,
    endpoint: aor,
    token,
  } = await store.addLine({
    ...(await newDefaultLine(core, mac, tenantId)),
    askedAs: { family, model, firmware },
  });
  return { token, handOver: { lineId, aor } };
}

/** Forgets the wrong secrets that were counted for a device. */
export async function unlockDevice({ store: outside, actor }: Core, mac: Mac): Promise<void> {
  await outside.transaction(async (store) => {
    const { tenantId } = orNotFound(await store.device(mac), `device ${formatMac(mac)}`);
    for (const { authName } of await store.lines(mac)) await store.forgiveTries('line', tenantId, authName);
    await store.addEvent({ step: 'unlocked', tenantId, mac, actor });
  });
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
