import {
  isSessionOver,
  SESSIONS_KEPT_MS,
  visitorOf,
  type Administrator,
  type Session,
  type Visitor,
} from '../domain/access.ts';
import { SelfprovError } from '../domain/errors.ts';
import { networkOf } from '../domain/addresses.ts';
import { afterWrong, isLocked } from '../domain/lockout.ts';
import { LONGEST_PASSWORD, passwordProblem } from '../domain/password.ts';
import type { Secret } from '../domain/secret.ts';
import { DEFAULT_TENANT } from '../domain/tenant.ts';
import type { Core } from './core.ts';

const LONGEST_NAME = 60;
const SEEN_AGAIN_MS = 60_000;

/** Somebody who is signed in, and what the browser shows from now on. */
export interface SignedIn {
  readonly administrator: Administrator;
  readonly session: Secret;
}

/**
 * Rejects with `unauthorized`, in the same words and after the same time whatever was wrong; with the reason `too_many` after five in
 * a row from this address, for minutes, then longer: for this name from there, or whatever the name.
 */
export async function signIn(
  core: Core,
  { name: given, password, address }: { readonly name: string; readonly password: Secret; readonly address: string },
): Promise<SignedIn> {
  const name = given.trim().toLowerCase().slice(0, LONGEST_NAME);
  const signedIn = await ifRight(core, { name, password, address }, (within, administrator) =>
    beginSession(within, administrator, { address }),
  );
  if (signedIn === undefined) throw new SelfprovError('unauthorized', 'name or password is wrong');
  return signedIn;
}

/**
 * Does this where it is the password of who is called so, in the same transaction; `undefined` where it is not, which is counted. Rejects with
 * `unauthorized` and the reason `too_many` after too many that were wrong.
 */
async function ifRight<T>(
  core: Core,
  { name, password, address }: { readonly name: string; readonly password: Secret; readonly address: string },
  work: (within: Core, administrator: Administrator) => Promise<T>,
): Promise<T | undefined> {
  const { store, secrets } = core;
  await refuseTooMany(core, name, address);
  const found = await store.administrator(name);
  const hashes = found?.passwordHash == null ? [] : [found.passwordHash];
  const isRight =
    password.reveal().length <= LONGEST_PASSWORD && (await secrets.matchPin(password, hashes)) !== undefined;
  return store.transaction(async (inside) => {
    const within = { ...core, store: inside };
    // Of many at once those that come after the fifth wrong one are too late, and a password may have been changed meanwhile.
    await refuseTooMany(within, name, address);
    const administrator = await inside.administrator(name);
    if (!isRight || administrator === undefined || administrator.passwordHash !== hashes[0]) {
      await countWrong(within, name, address);
      return undefined;
    }
    for (const key of keysOf(name, address)) await inside.forgiveTries('sign_in', DEFAULT_TENANT, key);
    return work(within, administrator);
  });
}

/** Not a name wherever it comes from: a stranger could keep its administrator out. */
function keysOf(name: string, address: string): readonly string[] {
  const network = networkOf(address);
  return [network, `${network} ${name}`];
}

async function refuseTooMany({ store, now }: Core, name: string, address: string): Promise<void> {
  for (const key of keysOf(name, address)) {
    if (!isLocked(await store.tries('sign_in', DEFAULT_TENANT, key), now())) continue;
    const message = 'too many wrong passwords came from this address: wait some minutes';
    throw new SelfprovError('unauthorized', message, { reason: 'too_many' });
  }
}

async function countWrong({ store, now }: Core, name: string, address: string): Promise<void> {
  const at = now();
  for (const key of keysOf(name, address)) {
    const tries = afterWrong(await store.tries('sign_in', DEFAULT_TENANT, key), at);
    await store.putTries('sign_in', DEFAULT_TENANT, key, tries, at, name);
    if (key !== networkOf(address) || !isLocked(tries, at)) continue;
    const detail = { what: 'sign-in' };
    await store.addEvent({ step: 'locked', tenantId: DEFAULT_TENANT, actor: 'selfprov', address, detail });
  }
}

/** Who shows this, as long as it is signed in. */
export async function visitorIn(
  { store, secrets, now }: Core,
  { shown, address }: { readonly shown: Secret; readonly address: string },
): Promise<{ readonly visitor: Visitor; readonly administrator: Administrator } | undefined> {
  const session = await store.session(secrets.hashCode(shown));
  const at = now();
  if (session === undefined || isSessionOver(session, at)) return undefined;
  const administrator = await store.administrator(session.administrator);
  if (administrator === undefined) return undefined;
  if (at - session.seenAt > SEEN_AGAIN_MS) await store.useSession(session.hash, at);
  return { visitor: { ...visitorOf(administrator, address), session: session.hash }, administrator };
}

/** Who has signed in here, and has a password for that; `undefined` for programs, and for who signs in elsewhere. */
export async function ownerOfPassword({ store }: Pick<Core, 'store'>, visitor: Visitor): Promise<string | undefined> {
  const session = visitor.session === undefined ? undefined : await store.session(visitor.session);
  const found = session && (await store.administrator(session.administrator));
  return found?.passwordHash == null ? undefined : found.name;
}

/** Whose password is being changed: one at a time, since each is work to look at. */
const changing = new Set<string>();

/**
 * Whoever has signed in has another password from now on, and is out everywhere else; links by which one is chosen are none any more.
 * Rejects with `invalid` for a wrong or too short one, with `conflict` for who has none here, and as `signIn` does for too many that were wrong.
 */
export async function changePassword(
  core: Core,
  visitor: Visitor,
  { password, newPassword }: { readonly password: Secret; readonly newPassword: Secret },
): Promise<void> {
  const name = await ownerOfPassword(core, visitor);
  if (name === undefined)
    throw new SelfprovError(
      'conflict',
      'you have no password here: it is changed where you sign in; a token is another one by selfprov token add',
    );
  checkPassword(newPassword, name);
  if (changing.has(name))
    throw new SelfprovError('unavailable', 'your password is being changed: try again', { reason: 'too_many' });
  changing.add(name);
  try {
    const given = { name, password, address: visitor.address };
    const isRight = await ifRight(core, given, () => Promise.resolve(true));
    if (isRight === undefined) throw new SelfprovError('invalid', 'the password that you have now is another one');
    const passwordHash = await core.secrets.hashPassword(newPassword);
    await core.store.transaction((store) => replacePassword({ ...core, store }, name, visitor, passwordHash));
  } finally {
    changing.delete(name);
  }
}

/** Keeps the session of who has done it, if it has not been ended meanwhile by who makes links. */
async function replacePassword(
  { store, actor }: Core,
  name: string,
  { session: hash = '' }: Visitor,
  passwordHash: string,
): Promise<void> {
  const session = await store.session(hash);
  if (session === undefined) throw new SelfprovError('conflict', 'you were signed out meanwhile: sign in again');
  await store.removeInvitations(name);
  await store.removeSessionsOf(name);
  await store.addSession(session);
  await store.updateAdministrator(name, { passwordHash });
  const tenantId = (await store.administrator(name))?.tenantId ?? DEFAULT_TENANT;
  await store.addEvent({ step: 'changed', tenantId, actor, detail: { what: 'password', name } });
}

export async function signOut({ store, secrets }: Core, shown: Secret): Promise<void> {
  await store.removeSession(secrets.hashCode(shown));
}

/** Whom a link is for; `undefined` when it is none, or none any more. */
export async function invitedBy({ store, secrets, now }: Core, token: Secret): Promise<Administrator | undefined> {
  const invitation = await store.invitation(secrets.hashCode(token));
  if (invitation === undefined || now() >= invitation.expiresAt) return undefined;
  return store.administrator(invitation.administrator);
}

/**
 * Takes the link and has the password from now on; whoever was signed in by the one before is out. Rejects with `invalid` for a
 * password that is too short or guessed soon, and with `unauthorized` for a link that is none any more.
 */
export async function choosePassword(
  core: Core,
  { token, password, address }: { readonly token: Secret; readonly password: Secret; readonly address: string },
): Promise<SignedIn> {
  // Before the work of hashing: who has no link could keep everybody from signing in by it.
  const { name: whose } = await whoIsInvited(core, token);
  checkPassword(password, whose);
  const passwordHash = await core.secrets.hashPassword(password);
  return core.store.transaction(async (store) => {
    const invited = await whoIsInvited({ ...core, store }, token);
    const { name } = invited;
    await store.removeInvitations(name);
    await store.removeSessionsOf(name);
    await store.updateAdministrator(name, { passwordHash });
    return beginSession({ ...core, store }, { ...invited, passwordHash }, { address });
  });
}

/** Throws `invalid`. */
function checkPassword(password: Secret, name: string): void {
  const problem = passwordProblem(password.reveal(), name);
  if (problem !== undefined) throw new SelfprovError('invalid', problem);
}

/** Rejects with `unauthorized` for a link that is none any more. */
async function whoIsInvited(core: Core, token: Secret): Promise<Administrator> {
  const invited = await invitedBy(core, token);
  if (invited !== undefined) return invited;
  throw new SelfprovError('unauthorized', 'this link has been used, or is too old: ask for another one');
}

/** A session of its own for each: nobody can have made this browser show one that is known. */
export async function beginSession(
  { store, secrets, now }: Core,
  administrator: Administrator,
  { address, by }: { readonly address: string; readonly by?: string },
): Promise<SignedIn> {
  const session = secrets.token();
  const at = now();
  const { name, tenantId } = administrator;
  await store.removeSessions(at - SESSIONS_KEPT_MS);
  const begun: Session = { hash: secrets.hashCode(session), administrator: name, createdAt: at, seenAt: at };
  await store.addSession(begun);
  const detail = { what: 'sign-in', ...(by === undefined ? {} : { by }) };
  const who = { tenantId: tenantId ?? DEFAULT_TENANT, actor: `page:${name}`, address };
  await store.addEvent({ step: 'signed_in', ...who, detail });
  return { administrator, session };
}
