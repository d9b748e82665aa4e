import { visitorOf, type Administrator, type Role, type Visitor } from '../domain/access.ts';
import { SelfprovError } from '../domain/errors.ts';
import { addAdministrator, changeAdministrator } from './administrators.ts';
import type { Core } from './core.ts';
import { beginSession, type SignedIn } from './signIn.ts';

/** Somebody for whom somebody else vouches. */
export interface Vouched {
  /** Of the administrator. */
  readonly name: string;
  /** What one may do, where the other decides that; `undefined`: it is as selfprov has it. */
  readonly role?: Role | undefined;
}

/**
 * Signs in whom `by` vouches for. Where that decides what one may do, it does so anew each time: an administrator who is not there is
 * made, for all tenants, and one who is gets the role. Rejects with `unauthorized` and the reason `forbidden` for one who is not
 * there otherwise, with `invalid` for a name that none can have, and with `conflict` where nobody would be left who decides who may.
 */
export async function signInAs(
  core: Core,
  { name, role }: Vouched,
  from: { readonly address: string; readonly by: string },
): Promise<SignedIn> {
  const decided = { ...core, actor: 'selfprov' };
  const found = await core.store.administrator(asKept(name));
  if (role !== undefined && found === undefined) await addAdministrator(decided, { name, role, tenantId: null });
  if (role !== undefined && found !== undefined && found.role !== role)
    await changeAdministrator(decided, null, found.name, { role });
  return core.store.transaction(async (store) =>
    beginSession({ ...core, store }, await known({ store }, name, from.by), from),
  );
}

/** Whoever a proxy says has signed in with it, for one request. Rejects as `signInAs` does. */
export async function visitorBy(
  core: Pick<Core, 'store'>,
  name: string,
  { by, address }: { readonly by: string; readonly address: string },
): Promise<{ readonly visitor: Visitor; readonly administrator: Administrator }> {
  const administrator = await known(core, name, by);
  return { visitor: visitorOf(administrator, address), administrator };
}

async function known({ store }: Pick<Core, 'store'>, given: string, by: string): Promise<Administrator> {
  const name = asKept(given);
  const found = await store.administrator(name);
  if (found !== undefined) return found;
  throw new SelfprovError(
    'unauthorized',
    `${by} says that you are ${name}, and there is no such administrator: whoever runs this machine adds one by selfprov administrator add`,
    { reason: 'forbidden' },
  );
}

/** Letters of ASCII alone: the sign of the kelvin would become a k, and somebody else. */
function asKept(name: string): string {
  return name.trim().replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}
