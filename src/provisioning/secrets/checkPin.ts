import { afterWrong, isLocked, NO_TRIES } from '../../domain/lockout.ts';
import type { Mac } from '../../domain/mac.ts';
import type { Secret } from '../../domain/secret.ts';
import type { User } from '../../domain/user.ts';
import type { Ports } from '../ports.ts';

/**
 * The one door for secrets: whether `pin` is the PIN of `extension`, asked from a line of a device; each line has a count
 * of its own, since anybody gets one who asks for the file of a new phone. `undefined` for a wrong PIN, an unknown
 * extension and a locked one alike, after the same time.
 *
 * The try is counted before the secret is looked at, and forgiven when it was right: many calls at once get no more
 * tries than one after the other.
 */
export async function checkPin(
  { store, secrets, now }: Pick<Ports, 'store' | 'secrets' | 'now'>,
  input: {
    readonly tenantId: string;
    readonly mac: Mac;
    /** Digest user name of the line. */
    readonly line: string;
    readonly extension: string;
    readonly pin: Secret;
  },
): Promise<User | undefined> {
  const { tenantId, mac, line, extension } = input;
  const keys = [
    ['extension', extension],
    ['line', line],
  ] as const;

  const mayTry = await store.transaction(async (inside) => {
    const at = now();
    const tries = await Promise.all(keys.map(([scope, key]) => inside.tries(scope, tenantId, key)));
    if (tries.some((each) => isLocked(each, at))) return false;
    for (const [i, [scope, key]] of keys.entries()) {
      await inside.putTries(scope, tenantId, key, afterWrong(tries[i] ?? NO_TRIES, at), at, extension);
    }
    return true;
  });

  const user = await store.userByExtension(tenantId, extension);
  const right = await secrets.verifyPin(input.pin, user?.pinHash);
  const accepted = mayTry && right ? user : undefined;

  // An extension that does not exist is not written down: it may be a PIN keyed at the wrong moment.
  const about = { tenantId, mac, userId: user?.id ?? null, actor: 'phone' };
  const known = user ? { extension } : {};
  await store.transaction(async (inside) => {
    const at = now();
    for (const [scope, key] of keys) {
      if (accepted) await inside.forgiveTries(scope, tenantId, key);
      const { lockedUntil } = await inside.tries(scope, tenantId, key);
      if (mayTry && lockedUntil !== null && lockedUntil > at) {
        await inside.addEvent({ step: 'locked', ...about, detail: { locked: scope, until: lockedUntil, ...known } });
      }
    }
    if (!accepted) await inside.addEvent({ step: 'refused', ...about, detail: known });
  });
  return accepted;
}
