import { isRefusal } from '../../domain/errors.ts';
import { afterNotify, nextMove } from '../../domain/handOver.ts';
import type { HandOver } from '../../domain/types.ts';
import type { Ports } from '../ports.ts';
import { syncRegistrations } from './syncRegistrations.ts';

type Needs = Pick<Ports, 'store' | 'registrar' | 'checkSync' | 'times' | 'now'>;

/** How long to wait before Asterisk is asked again after it could not be reached. Such waits use up no attempt. */
const ASK_AGAIN_MS = 2000;

/**
 * One look at everything that is due: registrations to remove, check-syncs to send, hand-overs to give up. What is due
 * is in the database, so it does not matter which process made it so, or whether that process is still alive. One
 * hand-over in trouble does not hold up the others: its error goes to `onError`.
 */
export async function runHandOvers(ports: Needs, onError: (error: unknown) => void): Promise<void> {
  const guarded = (work: Promise<void>): Promise<void> => work.catch(onError);
  await Promise.all((await ports.store.staleRegistrations()).map((stale) => guarded(removeStale(ports, stale))));
  const due = await ports.store.dueHandOvers(ports.now());
  await Promise.all(due.map((handOver) => guarded(proceed(ports, handOver))));
}

async function removeStale(
  { store, registrar }: Needs,
  stale: { readonly id: string; readonly aor: string; readonly keep: readonly string[] },
): Promise<void> {
  const contacts = await registrar.contacts(stale.aor);
  for (const contact of contacts) if (!stale.keep.includes(contact.uri)) await registrar.remove(contact);
  await store.removeStaleRegistration(stale.id);
}

async function proceed(ports: Needs, due: HandOver): Promise<void> {
  const { store, registrar, times, now } = ports;
  const { mac } = due;
  // Put off first, so that a look that takes long, or fails, is not repeated meanwhile.
  await store.updateHandOver(mac, { nextAttemptAt: now() + ASK_AGAIN_MS });
  await syncRegistrations(ports, due.aor);

  const handOver = await store.handOver(mac);
  const device = await store.device(mac);
  if (handOver?.state !== 'open' || device === undefined) return;
  const move = nextMove(handOver, times);
  const about = { tenantId: device.tenantId, mac, userId: (await store.lines(mac))[0]?.userId ?? null };

  if (move !== 'check_sync') {
    await store.transaction(async (inside) => {
      await inside.updateHandOver(mac, { state: 'failed', failure: move, nextAttemptAt: null });
      if (handOver.kind === 'assign') await inside.updateDevice(mac, { state: 'assigned' });
      await inside.addEvent({ step: 'failed', ...about, detail: { kind: handOver.kind, failure: move } });
    });
    return;
  }

  const firstLook = handOver.attempts === 0 && handOver.fetchedAt === null;
  const before = firstLook ? (await registrar.contacts(handOver.aor)).map(({ uri }) => uri) : handOver.contactsBefore;
  const sent = handOver.contact !== null && (await notify(registrar, handOver.contact, ports.checkSync(device.family)));
  await store.transaction(async (inside) => {
    const attempt = { ...afterNotify(handOver, times, now()), contactsBefore: before };
    await inside.updateHandOver(mac, sent ? attempt : { ...attempt, notifiedAt: handOver.notifiedAt });
    if (sent) await inside.addEvent({ step: 'notified', ...about, detail: { attempt: handOver.attempts + 1 } });
  });
}

/** Whether Asterisk sent it. Rejects while Asterisk cannot be asked; a contact that it refuses is a lost attempt. */
async function notify(
  registrar: Needs['registrar'],
  contact: string,
  notification: ReturnType<Needs['checkSync']>,
): Promise<boolean> {
  try {
    await registrar.notify(contact, notification);
    return true;
  } catch (error) {
    if (isRefusal(error, 'unavailable')) throw error;
    return false;
  }
}
