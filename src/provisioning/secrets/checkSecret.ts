import { isGood, type Code } from '../../domain/code.ts';
import { afterWrong, isLocked, NO_TRIES } from '../../domain/lockout.ts';
import type { Device } from '../../domain/device.ts';
import type { TriesScope } from '../../domain/ports.ts';
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
  return checkSecret(ports, asker, { scope: 'extension', tenantId, key, user, against }, () =>
    ports.secrets.verifyPin(secret, user?.pinHash, user?.passwordHash),
  );
}

/** Whether this is the code of the tenant's administrators. */
export async function checkAdministrator(ports: Needs, asker: Asker, tenant: Tenant, secret: Secret): Promise<boolean> {
  const { id, administratorCodeHash } = tenant;
  const what = { scope: 'administrator', tenantId: id, key: id, user: undefined, against: 'administrator' } as const;
  return checkSecret(ports, asker, what, () => ports.secrets.verifyPin(secret, administratorCodeHash ?? undefined));
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
  const accepted = await checkSecret(ports, asker, what, async () => good);
  return accepted ? code : undefined;
}

interface Guess {
  /** Counted besides the line's own count. */
  readonly scope: Exclude<TriesScope, 'line'> | null;
  readonly tenantId: string;
  readonly key: string;
  readonly user: User | undefined;
  readonly against: string;
}

/**
 * The one door for secrets. The try is counted before the secret is looked at, and forgiven when it was right: many calls
 * at once get no more tries than one after the other.
 */
async function checkSecret(
  { store, now }: Needs,
  { device, line }: Asker,
  { scope, tenantId, key, user, against }: Guess,
  isRight: () => Promise<boolean>,
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

  const right = await isRight();
  const accepted = mayTry && right;

  // An extension that does not exist is not written down.
  const about = { tenantId: device.tenantId, mac: device.mac, userId: user?.id ?? null, actor: 'phone' };
  const known = user ? { extension: user.extension } : {};
  const way = against === 'administrator' || against === 'code' ? { way: against } : {};
  await store.transaction(async (inside) => {
    const at = now();
    for (const count of counts) {
      if (accepted) await inside.forgiveTries(...count);
      const { lockedUntil } = await inside.tries(...count);
      if (mayTry && lockedUntil !== null && lockedUntil > at) {
        await inside.addEvent({ step: 'locked', ...about, detail: { locked: count[0], until: lockedUntil, ...known } });
      }
    }
    const reason = mayTry ? 'wrong_secret' : 'locked';
    if (!accepted) await inside.addEvent({ step: 'refused', ...about, detail: { ...known, ...way, reason } });
  });
  return accepted;
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
