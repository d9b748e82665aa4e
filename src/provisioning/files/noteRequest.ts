import type { Admission } from '../../domain/admission.ts';
import type { Device, Line, PhoneKind } from '../../domain/device.ts';
import { formatMac, type Mac } from '../../domain/mac.ts';
import type { Store } from '../../domain/ports.ts';
import type { Instant } from '../../domain/time.ts';
import type { Seen } from './enrolDevice.ts';

/** How often a device that keeps asking is written down, in milliseconds. */
export const SEEN_EVERY = 60_000;
/** How often the same is told of a device: who keeps asking must not fill the journal. */
const TOLD_EVERY = 60 * 60_000;

/** Writes down what a request tells of a device; gives the device as it is then. */
export async function noteSeen(
  store: Store,
  device: Device,
  seen: Seen,
  now: Instant,
  admission: Admission,
): Promise<Device> {
  const change = { ...changeBy(device, seen), seenAt: now };
  const moved =
    admission.kind === 'user_file' &&
    admission.proof === 'token' &&
    device.address !== null &&
    device.address !== seen.address &&
    isTime(device.movedAt, now);
  // The phone has its token: who was turned away since was somebody else.
  const isWell = admission.kind === 'user_file' && admission.proof === 'token';
  const cleared = isWell && device.turnedAwayAt !== null ? { turnedAwayAt: null, turnedAwayFrom: null } : {};
  await store.updateDevice(device.mac, { ...change, ...cleared, ...(moved ? { movedAt: now } : {}) });
  if (moved) {
    const { mac, tenantId } = device;
    const detail = { from: device.address, to: seen.address };
    await store.addEvent({ step: 'moved', tenantId, mac, actor: 'phone', detail });
  }
  return { ...device, ...change };
}

/** Whether nothing of what a request tells is new. */
export function isNoted(device: Device, seen: Seen, now: Instant): boolean {
  return isAsNoted(device, seen) && now - device.seenAt < SEEN_EVERY;
}

/** The same, but for the time. */
export function isAsNoted(device: Device, seen: Seen): boolean {
  const { family, model, firmware, address } = changeBy(device, seen);
  return (
    device.family === family && device.model === model && device.firmware === firmware && device.address === address
  );
}

/** The same as `isNoted` of a default line. */
export function isOfferNoted(line: Line, seen: Seen, now: Instant): boolean {
  return isOfferAsNoted(line, seen) && line.servedAt !== null && now - line.servedAt < SEEN_EVERY;
}

/** The same, but for the time. */
export function isOfferAsNoted({ askedAs, address }: Line, seen: Seen): boolean {
  const { family, model, firmware } = kindAfter(askedAs, seen);
  const same = askedAs?.family === family && askedAs.model === model && askedAs.firmware === firmware;
  return same && address === seen.address;
}

/** A request that says nothing of model or firmware takes nothing back. */
export function kindAfter(before: PhoneKind | null, { family, model, firmware }: PhoneKind): PhoneKind {
  const known = before?.family === family ? before : null;
  return { family, model: model ?? known?.model ?? null, firmware: firmware ?? known?.firmware ?? null };
}

function changeBy(device: Device, seen: Seen): Seen {
  return { ...seen, model: seen.model ?? device.model, firmware: seen.firmware ?? device.firmware };
}

function adviceFor({ mac, address }: Device, isOffered: boolean): string {
  if (isOffered) return 'it has a default line: after a factory reset its user has it again by a call from it';
  return address === null
    ? `it has never shown that it is this one: ${howToProve(mac)}`
    : `after a factory reset: selfprov device release ${formatMac(mac)}`;
}

/** What a device that was given to a user before it came needs to get its file. */
export function howToProve(mac: Mac): string {
  return `selfprov device url ${formatMac(mac)}, or selfprov tenant set --inventory-proof`;
}

/** Somebody without proof has asked for the file of an assigned device, and has been offered a default line or nothing. */
export async function noteTurnedAway(
  store: Store,
  device: Device,
  seen: Seen,
  now: Instant,
  isOffered: boolean,
): Promise<void> {
  const { mac, tenantId } = device;
  // Where the phone itself was last is told, whoever else has asked within the hour.
  const isItsPlace = seen.address === device.address && device.turnedAwayFrom !== seen.address;
  if (!isItsPlace && !isTime(device.turnedAwayAt, now)) return;
  await store.updateDevice(mac, { turnedAwayAt: now, turnedAwayFrom: seen.address });
  const [line] = await store.lines(mac);
  const user = line?.userId ? await store.user(line.userId) : undefined;
  const detail = {
    address: seen.address,
    extension: user?.extension ?? null,
    advice: adviceFor(device, isOffered),
  };
  await store.addEvent({ step: 'turned_away', tenantId, mac, userId: user?.id ?? null, actor: 'phone', detail });
}

/** Too many have asked for the file of one unassigned device: who asks now gets none. */
export async function noteCrowd(store: Store, device: Device, { address }: Seen, now: Instant): Promise<void> {
  const { mac, tenantId } = device;
  if (!isTime(device.turnedAwayAt, now)) return;
  await store.updateDevice(mac, { turnedAwayAt: now, turnedAwayFrom: address });
  await store.addEvent({ step: 'contested', tenantId, mac, actor: 'phone', detail: { address, refused: 'crowded' } });
}

/** The device has one more default line. */
export async function noteOffer(
  store: Store,
  { mac, tenantId }: Device,
  { address }: Seen,
  { contested }: Extract<Admission, { kind: 'offer' }>,
): Promise<void> {
  if (!contested) return;
  await store.addEvent({ step: 'contested', tenantId, mac, actor: 'phone', detail: { address } });
}

function isTime(last: Instant | null, now: Instant): boolean {
  return last === null || now - last >= TOLD_EVERY;
}
