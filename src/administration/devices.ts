import { randomBytes } from 'node:crypto';
import { emptyPorts, isDefaultLine, usersHolding, type Device, type Line } from '../domain/device.ts';
import { DEVICE_SETTINGS } from '../domain/deviceSettings.ts';
import { SelfprovError } from '../domain/errors.ts';
import { formatMac, type Mac } from '../domain/mac.ts';
import { orNotFound } from '../domain/orNotFound.ts';
import type { Secret } from '../domain/secret.ts';
import type { Tenant } from '../domain/tenant.ts';
import type { Families } from '../phones/family/family.ts';
import { deliveryUrl } from '../provisioning/files/deliveryUrl.ts';
import { addDefaultLines, enrolDevice, newDefaultLines, newDevice } from '../provisioning/files/enrolDevice.ts';
import { endLines } from '../provisioning/handOver/endLines.ts';
import { checkFamily } from './names.ts';
import { profileOf } from './profiles.ts';
import { showTenant } from './tenants.ts';
import { giveDevice } from './whoseDevice.ts';
import type { Core } from './core.ts';
import { changes, differences, fromTo, said, type Texts } from './settings.ts';

/** What is known of phones and of our own address. */
export interface DeviceFacts {
  readonly families: () => Families;
  readonly openUrl: () => string;
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
  /** For its URL; else one is made up. */
  readonly token?: Secret;
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
  const { mac, token } = await enterDevice(core, facts.families(), input);
  const { tenantId, family } = input;
  return { mac, url: urlFor(facts, await showTenant(core, tenantId), family, token) };
}

/** `addDevice` for who makes the URL: gives the token that is in it. */
export async function enterDevice(
  core: Core,
  families: Families,
  input: DeviceEntry,
): Promise<{ readonly mac: Mac; readonly token: Secret }> {
  const { tenantId, family, model = null, serial, note = '', profile, texts = {}, users = {} } = input;
  checkServed(families, family);
  const mac = input.mac ?? `02${randomBytes(5).toString('hex')}`;
  const token = await core.store.transaction(async (store) => {
    if ((await store.device(mac)) !== undefined) {
      throw new SelfprovError('conflict', `device ${mac} is there already: see "selfprov device show ${mac}"`);
    }
    const seen = { family, model, firmware: null, address: null };
    const entered = {
      serial: serial === undefined ? null : plainSerial(serial),
      note: goodNote(note),
      profileId: profile === undefined ? null : (await profileOf(store, tenantId, profile)).id,
      says: said(DEVICE_SETTINGS, {}, texts),
    };
    const device = { ...newDevice(mac, tenantId, seen, core.now()), ...entered };
    const lines = await newDefaultLines({ ...core, store }, device, emptyPorts([], core.portsOf(device)), input.token);
    const added = await enrolDevice(store, device, lines, core.actor);
    for (const [port, extension] of Object.entries(users)) {
      await giveDevice({ ...core, store }, { mac, tenantId, extension, slot: Number(port) });
    }
    return orNotFound(added.lines[0], 'port').token;
  });
  return { mac, token };
}

/**
 * A new URL for a device that has lost its own: what it was given before is worth nothing from now on. Rejects with
 * `not_found`, and with `conflict` for a device without a line.
 */
export async function newUrl(core: Core, facts: DeviceFacts, mac: Mac): Promise<string> {
  const { store: outside, actor } = core;
  const { token, ...device } = await outside.transaction(async (store) => {
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
  return urlFor(facts, await showTenant(core, device.tenantId), device.family, token);
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
  const wanted = typeof serial === 'string' ? plainSerial(serial) : serial;
  await core.store.transaction(async (store) => {
    const { says, tenantId, ...before } = await deviceOf({ ...core, store }, mac);
    const after = said(DEVICE_SETTINGS, says, texts);
    const plain = {
      ...(note === undefined || note === before.note ? {} : { note: goodNote(note) }),
      ...(wanted === undefined || wanted === before.serial ? {} : { serial: wanted }),
    };
    const profileId =
      profile === undefined || profile === null ? profile : (await profileOf(store, tenantId, profile)).id;
    const isNew = profileId !== undefined && profileId !== before.profileId;
    const entered = isNew ? { profileId } : {};
    const was = before.profileId === null ? null : ((await store.profile(before.profileId))?.name ?? null);
    const named = isNew ? { profile: fromTo(was, profile) } : {};
    const detail = { ...differences(before, plain), ...named, ...changes(DEVICE_SETTINGS, says, after) };
    if (Object.keys(detail).length === 0) return;
    await store.updateDevice(mac, { says: after, ...plain, ...entered });
    if (plain.serial !== undefined) await store.forgiveAgainst('serial', mac);
    await store.addEvent({ step: 'device_changed', tenantId, mac, actor: core.actor, detail });
  });
}

/** New default lines instead of all that others may have been given. */
async function onlyDefaultLines(core: Core, device: Device): Promise<readonly Line[]> {
  const before = await core.store.lines(device.mac);
  if (before.length === 0) throw new SelfprovError('conflict', `there are no files for family ${device.family}`);
  await endLines(core.store, core.now(), device, before);
  return addDefaultLines(core, device);
}

/** However it is printed on the box. Throws `invalid` when nothing is: a phone may send just that. */
export function plainSerial(serial: string): string {
  const plain = serial.trim().toUpperCase();
  if (plain === '') throw new SelfprovError('invalid', 'a serial number has one character at least');
  return plain;
}

const LONGEST_NOTE = 200;

/** Throws `invalid`. */
export function goodNote(note: string): string {
  const plain = note.trim();
  if (plain.length > LONGEST_NOTE || /\p{Cc}/u.test(plain))
    throw new SelfprovError('invalid', `a note has up to ${LONGEST_NOTE} characters and no line breaks`);
  return plain;
}

/** Rejects with `not_found`. */
export async function deviceOf({ store }: Pick<Core, 'store'>, mac: Mac): Promise<Device> {
  return orNotFound(await store.device(mac), `device ${formatMac(mac)}`);
}

function checkServed({ all, byId }: Families, id: string): void {
  checkFamily(
    all.map((family) => family.id),
    id,
  );
  if ((byId.get(id)?.files.size ?? 0) > 0) return;
  throw new SelfprovError('not_found', `family ${id} is recognised only: there are no files for it yet`);
}

/** Where a device of this family asks, of its tenant where that has a URL of its own, and proves itself with the token. */
export function urlFor(
  { families, openUrl }: DeviceFacts,
  tenant: Pick<Tenant, 'urls'>,
  family: string,
  token: Secret,
): string {
  const files = families().byId.get(family)?.data.files ?? [];
  const whole = files.find(({ name, role }) => role === 'device' && !name.includes('{'));
  return deliveryUrl(tenant.urls[0] ?? openUrl(), token).reveal() + (whole?.name ?? '');
}
