import { credentialIn, defaultLine, type NewLine } from '../../domain/accounts.ts';
import { emptyPorts, type Device, type Line, type PhoneKind } from '../../domain/device.ts';
import type { Mac } from '../../domain/mac.ts';
import { orNotFound } from '../../domain/orNotFound.ts';
import type { Store } from '../../domain/ports.ts';
import { policyOf } from '../../domain/tenant.ts';
import type { Secret } from '../../domain/secret.ts';
import type { Instant } from '../../domain/time.ts';
import type { Ports } from '../ports.ts';
import { freeNumber, noteUsedUp } from './defaultNumbers.ts';

/** What a request tells of the phone that makes it. */
export interface Seen extends PhoneKind {
  /** Where it asked from; `null` when it has not asked yet. */
  readonly address: string | null;
}

/** A device as it is in the first moment. */
export function newDevice(mac: Mac, tenantId: string, seen: Seen, now: Instant): Omit<Device, 'number'> {
  return {
    mac,
    tenantId,
    ...seen,
    ...{ serial: null, profileId: null, note: '', isBlocked: false },
    says: {},
    seenAt: now,
    createdAt: now,
    turnedAwayAt: null,
    turnedAwayFrom: null,
    movedAt: null,
  };
}

/** Default lines of a device in these slots, of one file: with its token, or with a new one. */
export async function newDefaultLines(
  { store, secrets, now }: { readonly store: Pick<Store, 'tenant'> } & Pick<Ports, 'secrets' | 'now'>,
  { mac, tenantId }: Pick<Device, 'mac' | 'tenantId'>,
  slots: readonly number[],
  token: Secret = secrets.token(),
): Promise<readonly NewLine[]> {
  const tenant = orNotFound(await store.tenant(tenantId), 'tenant');
  return slots.map((slot) => defaultLine(mac, slot, tenant, { secret: secrets.sipSecret(), token, now: now() }));
}

/**
 * New default lines on all ports of a device that has none any more: what it is, its own requests have said. `before`: the
 * lines that it had, as far as they were its own.
 */
export async function addDefaultLines(
  ports: Pick<Ports, 'store' | 'secrets' | 'now' | 'portsOf'>,
  device: Device,
  token?: Secret,
  before: readonly Line[] = [],
): Promise<readonly Line[]> {
  const { mac, tenantId, family, model, firmware } = device;
  const lines = await newDefaultLines(ports, { mac, tenantId }, emptyPorts([], ports.portsOf(device)), token);
  const askedAs = { family, model, firmware };
  return addLines(
    ports.store,
    tenantId,
    lines.map((line) => ({
      ...line,
      askedAs,
      seenAs: before.find(({ slot }) => slot === line.slot)?.seenAs ?? null,
    })),
  );
}

/** Writes default lines, each with a number of the tenant's range, inside the caller's transaction. */
export async function addLines(store: Store, tenantId: string, lines: readonly NewLine[]): Promise<readonly Line[]> {
  const tenant = orNotFound(await store.tenant(tenantId), 'tenant');
  const range = policyOf(tenant).defaultNumbers;
  const added: Line[] = [];
  for (const line of lines) {
    const number = range === null ? null : await freeNumber(store, tenantId, range);
    added.push(await store.addLine({ ...line, number }));
    if (range !== null && number === null) await noteUsedUp(store, tenantId, line.mac, range);
  }
  return added;
}

/** Default lines that stay on a device while its tenant becomes another: their phone keeps what it has. */
export async function moveLines(store: Store, tenantId: string, lines: readonly Line[]): Promise<void> {
  const tenant = orNotFound(await store.tenant(tenantId), 'tenant');
  const range = policyOf(tenant).defaultNumbers;
  // The device may not be that tenant's yet: what one of its lines has been given is not among these.
  const given: string[] = [];
  for (const line of lines) {
    const number = range === null ? null : await freeNumber(store, tenantId, range, given);
    if (number !== null) given.push(number);
    await store.updateLine(line.id, { number, ...credentialIn(tenant, line) });
  }
}

/** Takes a device into the inventory, inside the caller's transaction; without lines where nothing can be served. */
export async function enrolDevice(
  store: Store,
  device: Omit<Device, 'number'>,
  lines: readonly NewLine[],
  actor: string,
): Promise<{ readonly device: Device; readonly lines: readonly Line[] }> {
  const known = await store.addDevice(device);
  const added = await addLines(store, device.tenantId, lines);
  const { mac, tenantId, family, model, address } = device;
  const detail = { family, model, address, ...(lines.length === 0 ? { missing: 'files of this family' } : {}) };
  await store.addEvent({ step: 'enrolled', tenantId, mac, actor, detail });
  return { device: known, lines: added };
}
