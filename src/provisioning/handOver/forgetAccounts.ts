import { isRefusal } from '../../domain/errors.ts';
import type { StaleAccount } from '../../domain/ports.ts';
import { claimed } from '../claimed.ts';
import type { Ports } from '../ports.ts';

const ASK_AGAIN_MS = 2000;
/** What Asterisk was reading at that very moment it may have put there after it was told to forget it. */
const FORGET_AGAIN_MS = 5000;
/** `object_lifetime_maximum` of caches.conf: then it is forgotten by itself. */
const KEPT_MS = 900_000;

/**
 * Has each Asterisk forget the accounts that are gone. It keeps what it has read, for times in which the database is away;
 * without this a phone that was taken from its user could go on registering for a quarter of an hour.
 */
export async function forgetAccounts(ports: Pick<Ports, 'store' | 'registrar' | 'now'>): Promise<void> {
  const { store, now } = ports;
  const due = await store.dueStaleAccounts(now());
  await claimed(store, 'stale_account', due.map(keyOf), async (mine) => {
    await Promise.all(due.filter((stale) => mine.includes(keyOf(stale))).map((stale) => forget(ports, stale)));
  });
}

function keyOf({ asterisk, kind, name }: StaleAccount): string {
  return [asterisk ?? '', kind, name].join(' ');
}

async function forget(
  { store, registrar, now }: Pick<Ports, 'store' | 'registrar' | 'now'>,
  stale: StaleAccount,
): Promise<void> {
  const age = now() - stale.since;
  try {
    await registrar.forget(stale);
    if (age >= FORGET_AGAIN_MS) return await store.removeStaleAccount(stale);
    await store.putOffStaleAccount(stale, stale.since + FORGET_AGAIN_MS);
  } catch (error) {
    if (!isRefusal(error, 'unavailable')) throw error;
    if (age > KEPT_MS) return store.removeStaleAccount(stale);
    await store.putOffStaleAccount(stale, now() + ASK_AGAIN_MS);
  }
}
