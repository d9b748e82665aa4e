import { isGood, type Code } from '../../domain/code.ts';
import { afterWrong, isLocked, NO_TRIES } from '../../domain/lockout.ts';
import type { Device } from '../../domain/device.ts';
import type { Store, TriesScope } from '../../domain/ports.ts';
import { Secret } from '../../domain/secret.ts';
import type { Tenant } from '../../domain/tenant.ts';
import type { User } from '../../domain/user.ts';
import type { Ports } from '../ports.ts';

type Needs = Pick<Ports, 'store' | 'secrets' | 'now'>;

/** Whose phone it is that asks. */
export interface Asker {
  readonly device: Pick<Device, 'mac' | 'tenantId' | 'family'>;
  /** Digest user name of the line: each has a count of its own, since anybody gets one who asks for a new phone's file. */
  readonly line: string;
}

/**
 * Whether this is the PIN or the numeric password of this user; `number` is what was keyed to name the user, `undefined` one
 * who does not exist. False for a wrong secret, an unknown user and a locked one alike, after the same time.
 */
export async function checkUser(
  ports: Needs,
  asker: Asker,
  { user, number, secret }: { readonly user: User | undefined; readonly number: string; readonly secret: Secret },
): Promise<boolean> {
  const tenantId = user?.tenantId ?? asker.device.tenantId;
  // What names nobody may be a PIN or a code, keyed at the wrong moment; or somebody's extension where users are known by
  // another number.
  const key = user?.extension ?? ports.secrets.hashCode(new Secret(number));
  // The phone may be of another tenant than the user: the endpoint tells which 1500 was meant.
  const against = user?.endpoint ?? key;
  let renewed: Renewed | undefined;
  return checkSecret(ports, asker, {
    ...{ scope: 'extension', tenantId, key, user, against },
    async isRight(mayTry) {
      const hash = await ports.secrets.matchPin(secret, mayTry ? hashesOf(user) : []);
      if (user === undefined || hash === undefined) return false;
      const now = await ports.secrets.renewedPin(secret, hash);
      renewed = now === undefined ? undefined : { userId: user.id, before: hash, now };
      return true;
    },
    async whenRight(inside) {
      if (renewed !== undefined) await putRenewed(inside, renewed);
    },
  });
}

function hashesOf(user: User | undefined): readonly string[] {
  return user === undefined ? [] : [user.pinHash, user.passwordHash].filter((hash) => hash !== null);
}

/** A hash of another cost than today's, and the one of the same secret that takes its place. */
interface Renewed {
  readonly userId: string;
  readonly before: string;
  readonly now: string;
}

/** Not when an administrator has changed the secret meanwhile. */
async function putRenewed(inside: Store, { userId, before, now }: Renewed): Promise<void> {
  const user = await inside.user(userId);
  if (user?.pinHash === before) await inside.updateUser(userId, { pinHash: now });
  if (user?.passwordHash === before) await inside.updateUser(userId, { passwordHash: now });
}

/** Whether this is the code of the tenant's administrators. */
export async function checkAdministrator(ports: Needs, asker: Asker, tenant: Tenant, secret: Secret): Promise<boolean> {
  const { id, administratorCodeHash } = tenant;
  return checkSecret(ports, asker, {
    ...{ scope: 'administrator', tenantId: id, key: id, user: undefined, against: 'administrator' },
    async isRight(mayTry) {
      const hashes = mayTry && administratorCodeHash !== null ? [administratorCodeHash] : [];
      return (await ports.secrets.matchPin(secret, hashes)) !== undefined;
    },
  });
}

/**
 * The one-time code that this is, when it is good for this device; it is used up by the assignment that names it.
 * `undefined` for every other one.
 */
export async function checkCode(ports: Needs, asker: Asker, secret: Secret): Promise<Code | undefined> {
  const code = await ports.store.codeByHash(ports.secrets.hashCode(secret));
  const good = code !== undefined && isGood(code, asker.device, ports.now());
  const user = code === undefined ? undefined : await ports.store.user(code.userId);
  const what = { scope: null, tenantId: asker.device.tenantId, key: '', user, against: 'code' } as const;
  const accepted = await checkSecret(ports, asker, { ...what, isRight: async () => good });
  return accepted ? code : undefined;
}

interface Guess {
  /** Counted besides the line's own count. */
  readonly scope: Exclude<TriesScope, 'line'> | null;
  readonly tenantId: string;
  readonly key: string;
  readonly user: User | undefined;
  readonly against: string;
  /** One that may not be tried is not looked at, and refused as late as any other. */
  isRight(mayTry: boolean): Promise<boolean>;
  /** What else is written when it is accepted. */
  whenRight?(inside: Store): Promise<void>;
}

/**
 * The one door for secrets. The try is counted before the secret is looked at, and forgiven when it was right: many calls
 * at once get no more tries than one after the other.
 */
async function checkSecret(
  { store, now }: Needs,
  { device, line }: Asker,
  { scope, tenantId, key, user, against, isRight, whenRight }: Guess,
): Promise<boolean> {
  const counts: readonly (readonly [TriesScope, string, string])[] = [
    ...(scope === null ? [] : [[scope, tenantId, key] as const]),
    ['line', device.tenantId, line],
  ];
  const mayTry = await store.transaction(async (inside) => {
    const at = now();
    const tries = await Promise.all(counts.map((count) => inside.tries(...count)));
    if (tries.some((each) => isLocked(each, at))) return false;
    for (const [i, count] of counts.entries()) {
      await inside.putTries(...count, afterWrong(tries[i] ?? NO_TRIES, at), at, against);
    }
    return true;
  });

  const accepted = (await isRight(mayTry)) && mayTry;
  if (accepted) {
    await store.transaction(async (inside) => {
      for (const count of counts) await inside.forgiveTries(...count);
      await whenRight?.(inside);
    });
    return true;
  }

  // An extension that does not exist is not written down.
  const about = { tenantId: device.tenantId, mac: device.mac, userId: user?.id ?? null, actor: 'phone' };
  const known = user ? { extension: user.extension } : {};
  const way = against === 'administrator' || against === 'code' ? { way: against } : {};
  await store.transaction(async (inside) => {
    const at = now();
    for (const count of mayTry ? counts : []) {
      const { lockedUntil } = await inside.tries(...count);
      if (lockedUntil !== null && lockedUntil > at) {
        await inside.addEvent({ step: 'locked', ...about, detail: { locked: count[0], until: lockedUntil, ...known } });
      }
    }
    const reason = mayTry ? 'wrong_secret' : 'locked';
    await inside.addEvent({ step: 'refused', ...about, detail: { ...known, ...way, reason } });
  });
  return false;
}

/**
 * Whom a number names that was keyed on a phone of this tenant: its own user; on a phone that is nobody's yet and of no
 * tenant in particular, also the only user of another one. `undefined` when there is none, or several.
 */
export async function userNamed(
  { store }: Pick<Ports, 'store'>,
  {
    tenant,
    identifyBy,
    isOpen,
  }: { tenant: Tenant; identifyBy: 'extension' | 'user_id' | 'provisioning_id'; isOpen: boolean },
  number: string,
): Promise<User | undefined> {
  const all = await store.usersKnownAs(identifyBy, number);
  const own = all.find(({ tenantId }) => tenantId === tenant.id);
  return own ?? (isOpen && all.length === 1 ? all[0] : undefined);
}
