import type { Mac } from '../../domain/mac.ts';
import type { Device, HandOver } from '../../domain/types.ts';
import type { Ports } from '../ports.ts';

/**
 * Everything an assignment and a release have in common, inside the caller's transaction: the device gets a new token
 * (the old one stays good until the new one has been seen, or the device could not fetch it), the registration it
 * leaves is marked for removal, and the hand-over is due when the call should be over.
 */
export async function startHandOver(
  { store, secrets, times, now }: Pick<Ports, 'store' | 'secrets' | 'times' | 'now'>,
  device: Device,
  to: Pick<HandOver, 'kind' | 'aor' | 'contact' | 'address'> & {
    readonly tenantId: string;
    /** AOR whose registration by this device must end; the contacts in `keep` belong to other devices. */
    readonly leaves: string | undefined;
    readonly keep?: readonly string[];
    /** No call is up: check-sync need not wait for its end. */
    readonly atOnce?: boolean;
  },
): Promise<void> {
  const at = now();
  await store.updateDevice(device.mac, {
    tenantId: to.tenantId,
    state: to.kind === 'assign' ? 'handing_over' : 'unassigned',
    previousToken: device.token,
    token: secrets.token(),
  });
  await store.putHandOver({
    mac: device.mac,
    kind: to.kind,
    state: 'open',
    failure: null,
    aor: to.aor,
    contact: to.contact,
    contactsBefore: [],
    address: to.address,
    windowEndsAt: at + times.window,
    acceptedAt: at,
    notifiedAt: null,
    fetchedAt: null,
    registeredAt: null,
    attempts: 0,
    nextAttemptAt: to.atOnce ? at : at + times.callEndsWithin,
  });
  if (to.leaves !== undefined) await store.addStaleRegistration({ aor: to.leaves, keep: to.keep ?? [] });
}

/** The call is over: check-sync goes out now. */
export async function endOfCall(ports: Pick<Ports, 'store' | 'now' | 'wake'>, mac: Mac): Promise<void> {
  const handOver = await ports.store.handOver(mac);
  if (handOver?.state !== 'open' || handOver.attempts > 0) return;
  await ports.store.updateHandOver(mac, { nextAttemptAt: ports.now() });
  ports.wake();
}
