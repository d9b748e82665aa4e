import { DEVICE_SETTINGS } from '../domain/deviceSettings.ts';
import { macOfAuthName } from '../domain/accounts.ts';
import { SelfprovError } from '../domain/errors.ts';
import { LINE_SETTINGS } from '../domain/lineSettings.ts';
import { isLocked } from '../domain/lockout.ts';
import type { Mac } from '../domain/mac.ts';
import { orNotFound } from '../domain/orNotFound.ts';
import { passwordProblem, pinProblem } from '../domain/pin.ts';
import { refuseWhenShadowed } from '../domain/policy.ts';
import type { Registrar, Store } from '../domain/ports.ts';
import { Secret } from '../domain/secret.ts';
import { endpointFor, type Tenant } from '../domain/tenant.ts';
import type { Instant } from '../domain/time.ts';
import type { User } from '../domain/user.ts';
import { releaseDevice } from '../provisioning/handOver/releaseDevice.ts';
import type { Core } from './core.ts';
import { goodName } from './names.ts';
import { profileOf } from './profiles.ts';
import { changes, said, type Texts } from './settings.ts';
import { checkExtension } from './numbers.ts';

/** A user as an administrator sees one. */
export interface UserShown {
  readonly extension: string;
  readonly name: string;
  readonly profile: string;
  readonly selfProvisioning: boolean;
  readonly devices: readonly Mac[];
  readonly locked: boolean;
  readonly lockedUntil: Instant | null;
  readonly createdAt: Instant;
}

/** Makes a user and the PIN: the only time that the PIN can be seen. Rejects with `invalid` or `conflict`. */
export async function addUser(
  { store, secrets, now, actor }: Core,
  input: {
    readonly tenantId: string;
    readonly extension: string;
    readonly name: string;
    readonly pin?: string;
    readonly loginId?: string;
    readonly provisioningId?: string;
    readonly password?: string;
    readonly profile?: string;
    readonly texts?: Texts;
  },
): Promise<{ readonly user: User; readonly pin: Secret }> {
  const { extension, tenantId } = input;
  // Once before the slow hash, and once where nobody else writes.
  const checked = async (inside: Pick<Store, 'tenant'>): Promise<Tenant> => {
    const tenant = orNotFound(await inside.tenant(tenantId), 'tenant');
    checkExtension(tenant, extension);
    return tenant;
  };
  await checked(store);
  const name = goodName(input.name);
  const pin = goodPin(input.pin, extension, secrets);
  const pinHash = await secrets.hashPin(pin);
  const passwordHash = await passwordHashOf(input.password ?? null, { extension, pinHash }, secrets);
  const { texts = {}, loginId = null, provisioningId = null } = input;
  for (const id of [loginId, provisioningId]) checkId(id);
  const [lineSays, deviceSays] = [said(LINE_SETTINGS, {}, texts), said(DEVICE_SETTINGS, {}, texts)];
  const user = await store.transaction(async (inside) => {
    const tenant = await checked(inside);
    const { profile } = input;
    const profileId = profile === undefined ? tenant.defaultProfileId : (await profileOf(inside, tenantId, profile)).id;
    const added = await inside.addUser({
      tenantId,
      profileId,
      extension,
      endpoint: endpointFor(tenant, extension),
      ...{ loginId, provisioningId, name, pinHash, passwordHash },
      selfProvisioning: true,
      lineSays,
      deviceSays,
      createdAt: now(),
    });
    const detail = { extension: added.extension };
    await inside.addEvent({ step: 'user_added', tenantId, userId: added.id, actor, detail });
    return added;
  });
  return { user, pin };
}

/** What an administrator may change of a user; the profile by its name, settings as texts. */
export interface UserChange {
  readonly name?: string;
  readonly selfProvisioning?: boolean;
  readonly profile?: string;
  /** `null`: none any more. */
  readonly loginId?: string | null;
  readonly provisioningId?: string | null;
  readonly password?: string | null;
  readonly texts?: Texts;
}

/** Changes a user; the phones have it at their next fetch. Rejects with `invalid` or `not_found`. */
export async function changeUser({ store, secrets, actor }: Core, user: User, change: UserChange): Promise<User> {
  const { texts = {}, name, selfProvisioning, profile, loginId, provisioningId, password } = change;
  for (const id of [loginId, provisioningId]) checkId(id ?? null);
  const passwordHash = password === undefined ? undefined : await passwordHashOf(password, user, secrets);
  return store.transaction(async (inside) => {
    const before = orNotFound(await inside.user(user.id), 'user');
    if (passwordHash !== undefined) refuseChanged(user, before);
    const after: User = {
      ...before,
      ...(name === undefined ? {} : { name: goodName(name) }),
      ...(selfProvisioning === undefined ? {} : { selfProvisioning }),
      ...(loginId === undefined ? {} : { loginId }),
      ...(provisioningId === undefined ? {} : { provisioningId }),
      ...(passwordHash === undefined ? {} : { passwordHash }),
      ...(profile === undefined ? {} : { profileId: (await profileOf(inside, before.tenantId, profile)).id }),
      lineSays: said(LINE_SETTINGS, before.lineSays, texts),
      deviceSays: said(DEVICE_SETTINGS, before.deviceSays, texts),
    };
    const detail = {
      ...(after.name === before.name ? {} : { name: after.name }),
      ...(after.selfProvisioning === before.selfProvisioning ? {} : { selfProvisioning: after.selfProvisioning }),
      ...(after.loginId === before.loginId ? {} : { loginId: after.loginId }),
      ...(after.provisioningId === before.provisioningId ? {} : { provisioningId: after.provisioningId }),
      ...(after.passwordHash === before.passwordHash
        ? {}
        : { password: after.passwordHash === null ? 'none' : 'changed' }),
      ...(after.profileId === before.profileId ? {} : { profile: profile ?? null }),
      ...changes(LINE_SETTINGS, before.lineSays, after.lineSays),
      ...changes(DEVICE_SETTINGS, before.deviceSays, after.deviceSays),
    };
    if (Object.keys(detail).length === 0) return before;
    const { id: userId, tenantId, extension } = before;
    await checkFree(inside, after);
    await inside.updateUser(userId, after);
    await inside.addEvent({ step: 'user_changed', tenantId, userId, actor, detail: { extension, ...detail } });
    return after;
  });
}

/**
 * What stands in the way of a user's phones at Asterisk, for an administrator to read; `undefined` when nothing does, or
 * Asterisk cannot be asked.
 */
export async function warningFor(registrar: Pick<Registrar, 'authsOf'>, endpoint: string): Promise<string | undefined> {
  try {
    refuseWhenShadowed(endpoint, await registrar.authsOf(endpoint));
    return undefined;
  } catch (error) {
    if (!(error instanceof SelfprovError)) throw error;
    return error.reason === 'shadowed' ? error.message : undefined;
  }
}

/** A new PIN for a user, generated unless given; the lock of the extension ends. */
export async function newPin({ store, secrets, actor }: Core, user: User, chosen?: string): Promise<Secret> {
  const { id: userId, tenantId, extension } = user;
  const pin = goodPin(chosen, extension, secrets);
  const pinHash = await secrets.hashPin(pin, user.passwordHash);
  await store.transaction(async (inside) => {
    refuseChanged(user, orNotFound(await inside.user(userId), `user with extension ${extension}`));
    await inside.updateUser(userId, { pinHash });
    await inside.forgiveTries('extension', tenantId, extension);
    await inside.addEvent({ step: 'pin_changed', tenantId, userId, actor, detail: { extension } });
  });
  return pin;
}

/** Forgets the wrong secrets counted for the extension, for its user's devices, and for those that tried it last. */
export async function unlockUser({ store, actor }: Core, user: User): Promise<void> {
  const { id: userId, tenantId, extension } = user;
  await store.transaction(async (inside) => {
    await inside.forgiveTries('extension', tenantId, extension);
    for (const { authName } of await inside.linesOfUser(userId)) await inside.forgiveTries('line', tenantId, authName);
    for (const line of await inside.forgiveLines(tenantId, extension)) {
      const mac = macOfAuthName(line);
      await inside.addEvent({ step: 'unlocked', tenantId, userId, mac, actor, detail: { extension } });
    }
    await inside.addEvent({ step: 'unlocked', tenantId, userId, actor, detail: { extension } });
  });
}

/** Releases the user's devices, then forgets the user. All or nothing. */
export async function removeUser(core: Core, user: User): Promise<void> {
  const { id: userId, tenantId, extension } = user;
  const { actor } = core;
  await core.store.transaction(async (store) => {
    for (const { mac, slot } of await store.linesOfUser(userId)) {
      await releaseDevice({ ...core, store }, { mac, slot, actor });
    }
    await store.removeUser(userId);
    await store.addEvent({ step: 'user_removed', tenantId, userId, actor, detail: { extension } });
  });
}

/** Rejects with `not_found`. */
export async function userByExtension({ store }: Core, tenantId: string, extension: string): Promise<User> {
  return orNotFound(await store.userByExtension(tenantId, extension), `user with extension ${extension}`);
}

export async function listUsers(core: Core, tenantId: string): Promise<readonly UserShown[]> {
  return Promise.all((await core.store.users(tenantId)).map((user) => showUser(core, user)));
}

export async function showUser({ store, now }: Core, user: User): Promise<UserShown> {
  const { extension, name, selfProvisioning, createdAt } = user;
  const tries = await store.tries('extension', user.tenantId, extension);
  const locked = isLocked(tries, now());
  return {
    extension,
    name,
    profile: (await store.profile(user.profileId))?.name ?? '',
    selfProvisioning,
    devices: (await store.linesOfUser(user.id)).map(({ mac }) => mac),
    locked,
    lockedUntil: locked ? tries.lockedUntil : null,
    createdAt,
  };
}

/** PIN and password are hashed with one salt: who changes one while somebody else changes the other must do it again. */
function refuseChanged(known: User, current: User): void {
  if (known.pinHash === current.pinHash && known.passwordHash === current.passwordHash) return;
  throw new SelfprovError('conflict', `the secrets of ${known.extension} have been changed meanwhile: try again`);
}

/** Throws `invalid` for what a caller could not key. */
function checkId(id: string | null): void {
  if (id !== null && !/^\d{1,20}$/.test(id)) refuse('a user ID and a self-provisioning ID have 1 to 20 digits');
}

/** Rejects with `conflict` when another user of the tenant is known by the same number. */
async function checkFree(store: Store, { id, tenantId, loginId, provisioningId }: User): Promise<void> {
  for (const [by, number, what] of [
    ['user_id', loginId, 'user ID'],
    ['provisioning_id', provisioningId, 'self-provisioning ID'],
  ] as const) {
    const others = number === null ? [] : await store.usersKnownAs(by, number);
    if (others.some((other) => other.tenantId === tenantId && other.id !== id))
      throw new SelfprovError('conflict', `${what} ${number} is another’s`);
  }
}

/** A numeric password stands beside the PIN: at least as hard to guess. */
async function passwordHashOf(
  password: string | null,
  { extension, pinHash }: Pick<User, 'extension' | 'pinHash'>,
  secrets: Core['secrets'],
): Promise<string | null> {
  if (password === null) return null;
  const problem = passwordProblem(password, extension);
  if (problem !== undefined) refuse(problem);
  return secrets.hashPin(new Secret(password), pinHash);
}

function goodPin(chosen: string | undefined, extension: string, secrets: Core['secrets']): Secret {
  if (chosen === undefined) {
    for (;;) {
      const pin = secrets.pin();
      if (pinProblem(pin.reveal(), extension) === undefined) return pin;
    }
  }
  const problem = pinProblem(chosen, extension);
  if (problem !== undefined) refuse(problem);
  return new Secret(chosen);
}

function refuse(message: string): never {
  throw new SelfprovError('invalid', message);
}
