import { defaultLine, type NewLine } from '../../domain/accounts.ts';
import type { Device, PhoneKind } from '../../domain/device.ts';
import type { Mac } from '../../domain/mac.ts';
import { orNotFound } from '../../domain/orNotFound.ts';
import type { Store } from '../../domain/ports.ts';
import type { Instant } from '../../domain/time.ts';
import type { Ports } from '../ports.ts';

/** What a request tells of the phone that makes it. */
export interface Seen extends PhoneKind {
  /** Where it asked from; `null` when it has not asked yet. */
  readonly address: string | null;
}

/** A device as it is in the first moment. */
export function newDevice(mac: Mac, tenantId: string, seen: Seen, now: Instant): Device {
  return {
    mac,
    tenantId,
    ...seen,
    state: 'unassigned',
    says: {},
    seenAt: now,
    createdAt: now,
    turnedAwayAt: null,
    turnedAwayFrom: null,
    movedAt: null,
  };
}

/** One more default line of a device, for whoever asked from this address. */
export async function newDefaultLine(
  { store, secrets, now }: { readonly store: Pick<Store, 'tenant'> } & Pick<Ports, 'secrets' | 'now'>,
  mac: Mac,
  tenantId: string,
): Promise<NewLine> {
  const tenant = orNotFound(await store.tenant(tenantId), 'tenant');
  return defaultLine(mac, tenant, { secret: secrets.sipSecret(), token: secrets.token(), now: now() });
}

/** Takes a device into the inventory, inside the caller's transaction; `line` is `null` where nothing can be served. */
export async function enrolDevice(store: Store, device: Device, line: NewLine | null, actor: string): Promise<void> {
  await store.addDevice(device);
  if (line !== null) await store.addLine(line);
  const { mac, tenantId, family, model, address } = device;
  const detail = { family, model, address, ...(line === null ? { missing: 'files of this family' } : {}) };
  await store.addEvent({ step: 'enrolled', tenantId, mac, actor, detail });
}
