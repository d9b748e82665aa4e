import type { Mac } from '../../domain/mac.ts';
import { isAmong, type Contact, type Farewell, type Owner } from '../../domain/registrations.ts';
import type { Instant } from '../../domain/time.ts';
import type { IsStillMine } from '../claimed.ts';
import type { DriveNeeds } from './driveHandOvers.ts';
import { noteRegistrations } from './noteRegistrations.ts';
import { WRITTEN_WITHIN_MS } from './registrationWatch.ts';
import { tellPhone } from './tellPhone.ts';

const ASK_AGAIN_MS = 2000;
/** A phone whose place may be another's is told as soon as the other one is known to be elsewhere. */
const TELL_AGAIN_MS = 15_000;
const TELL_WITHIN_MS = 15 * 60_000;
/** Asterisk tells nobody when a registration runs out. */
const LOOK_AGAIN_MS = 60_000;
/** Longer than any registration lasts: the view `ps_aors` allows two hours. */
const LONGEST_MS = 3 * 60 * 60_000;

/**
 * Does what is left to do about a line that its device has left: tells the phone once where nothing else does, and has
 * Asterisk forget the registration. One that may be another phone's stays: without its credential it runs out.
 */
export async function sayFarewell(ports: DriveNeeds & IsStillMine, farewell: Farewell): Promise<void> {
  const { store, registrar, now } = ports;
  const { key, aor, mac, family, notify, createdAt } = farewell;
  // Put off first, so that a look that takes long, or fails, is not repeated meanwhile.
  await store.updateFarewell(key, { nextAttemptAt: now() + ASK_AGAIN_MS });
  const owners = await noteRegistrations(ports, aor);
  let tellAt: Instant | null = null;
  // Also when the device is known again: it may have been somebody else who asked in its name.
  if (notify !== null) {
    tellAt = await startsUntil(ports, mac);
    if (tellAt === null) {
      const told = await tellPhone(ports, { mac, family, contact: notify, accounts: [aor], since: createdAt });
      if (told.kind === 'unreachable') return;
      const waits = told.kind === 'not_sent' && told.mayPass && now() - createdAt < TELL_WITHIN_MS;
      if (!waits) await store.updateFarewell(key, { notify: null });
      tellAt = waits ? now() + TELL_AGAIN_MS : null;
    }
  }
  for (const [contact, owner] of owners) {
    if (!isIts(owner, farewell)) continue;
    // Another process may have done it meanwhile, and the phone may be back with what it has now.
    if (!ports.isStillMine()) return;
    await registrar.remove(contact);
    await isGone(store, contact);
  }
  // What was proven before the line ended may have been written down after it.
  if (now() - createdAt < WRITTEN_WITHIN_MS) return;
  if (tellAt !== null) return store.updateFarewell(key, { nextAttemptAt: tellAt });

  const doubtful = [...owners].filter(([, owner]) => mayBeIts(owner, farewell)).map(([contact]) => contact);
  if (doubtful.length === 0 || now() - createdAt > LONGEST_MS) return store.removeFarewell(key);
  await leave(ports, farewell, doubtful);
}

/** The device has just fetched what a hand-over is about: who is told before this starts again. */
async function startsUntil({ store, now }: DriveNeeds, mac: Mac): Promise<Instant | null> {
  const peace = (await store.handOversOf(mac)).map(({ state, fetchedAt, nextAttemptAt }) =>
    state === 'open' && fetchedAt !== null ? (nextAttemptAt ?? 0) : 0,
  );
  const last = Math.max(0, ...peace);
  return last > now() ? last : null;
}

/** A phone that has not restarted comes back under the same mark: from now on it is that of a new registration. */
async function isGone({ transaction }: DriveNeeds['store'], contact: Contact): Promise<void> {
  await transaction(async (inside) => {
    for (const { mac, slot } of await inside.linesOfEndpoint(contact.aor)) {
      const handOver = await inside.handOver(mac, slot);
      const all = handOver?.contactsBefore ?? [];
      const contactsBefore = all.filter((before) => !isAmong([before], contact));
      if (handOver === undefined || contactsBefore.length === all.length) continue;
      await inside.putHandOver({ ...handOver, contactsBefore });
    }
  });
}

function isIts(owner: Owner | undefined, { whole, key }: Farewell): boolean {
  return whole || (owner?.key === key && owner.certain);
}

function mayBeIts(owner: Owner | undefined, farewell: Farewell): boolean {
  if (isIts(owner, farewell)) return false;
  return owner === undefined || owner.key === farewell.key;
}

async function leave({ store, now }: DriveNeeds, farewell: Farewell, contacts: readonly Contact[]): Promise<void> {
  const { key, aor, mac, tenantId } = farewell;
  await store.transaction(async (inside) => {
    await inside.updateFarewell(key, { nextAttemptAt: now() + LOOK_AGAIN_MS, told: true });
    if (farewell.told) return;
    const until = Math.max(...contacts.map(({ expiresAt }) => expiresAt));
    await inside.addEvent({ step: 'left_registered', tenantId, mac, detail: { account: aor, until } });
  });
}
