import { chunks } from '../domain/chunks.ts';
import { isOurs, type Adoption, type EndpointFacts } from '../domain/adoption.ts';
import { DEVICE_SETTINGS } from '../domain/deviceSettings.ts';
import { macOfAuthName } from '../domain/accountNames.ts';
import { isRouted, otherMeaningIn, type DialplanStep } from '../domain/dialplan.ts';
import { isRefusal, SelfprovError } from '../domain/errors.ts';
import { usersContextOf } from '../domain/levels.ts';
import { LINE_SETTINGS } from '../domain/lineSettings.ts';
import { isLocked } from '../domain/lockout.ts';
import type { Mac } from '../domain/mac.ts';
import { orNotFound } from '../domain/orNotFound.ts';
import type { Store, UserSearch } from '../domain/ports.ts';
import type { Secret } from '../domain/secret.ts';
import { endpointFor, type Tenant } from '../domain/tenant.ts';
import type { Instant } from '../domain/time.ts';
import type { User } from '../domain/user.ts';
import { releaseDevice } from '../provisioning/handOver/releaseDevice.ts';
import type { Core } from './core.ts';
import { goodName } from './names.ts';
import { goodPin, passwordHashOf, replacePin } from './pins.ts';
import { profileOf } from './profiles.ts';
import { said, type Texts } from './settings.ts';
import { checkExtension } from './numbers.ts';
import { changedUser, checkId, writeChange, writeUser, type UserChange } from './userChanges.ts';

/** A user as an administrator sees one. */
export interface UserShown {
  readonly extension: string;
  readonly endpoint: string;
  /** How phones come to an endpoint that is the administrator's own. */
  readonly adopted: Adoption['kind'] | null;
  readonly loginId: string | null;
  readonly provisioningId: string | null;
  readonly hasPassword: boolean;
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
  // Once before hashing, and once where nobody else writes.
  const checked = async (inside: Pick<Store, 'tenant'>): Promise<Tenant> => {
    const tenant = orNotFound(await inside.tenant(tenantId), 'tenant');
    checkExtension(tenant, extension);
    return tenant;
  };
  await checked(store);
  const name = goodName(input.name);
  const pin = goodPin(input.pin, extension, secrets);
  const pinHash = await secrets.hashPin(pin);
  const passwordHash = await passwordHashOf(input.password ?? null, { extension }, secrets);
  const { texts = {}, loginId = null, provisioningId = null } = input;
  for (const id of [loginId, provisioningId]) checkId(id);
  const says = { lineSays: said(LINE_SETTINGS, {}, texts), deviceSays: said(DEVICE_SETTINGS, {}, texts) };
  const user = await store.transaction(async (inside) => {
    const tenant = await checked(inside);
    const { profile } = input;
    const profileId = profile === undefined ? tenant.defaultProfileId : (await profileOf(inside, tenantId, profile)).id;
    const ids = { extension, endpoint: endpointFor(tenant, extension), adoption: null, loginId, provisioningId };
    const plain = { tenantId, profileId, ...ids, name, pinHash, passwordHash, ...says };
    return writeUser(inside, { ...plain, selfProvisioning: true, createdAt: now() }, actor);
  });
  return { user, pin };
}

/** Changes a user; the phones have it at their next fetch. `password`: `null` for none any more. Rejects with `invalid`, `not_found` or `conflict`. */
export async function changeUser(
  { store, secrets, actor }: Core,
  user: User,
  { password, ...change }: UserChange & { readonly password?: string | null },
): Promise<User> {
  const passwordHash = password === undefined ? undefined : await passwordHashOf(password, user, secrets);
  return store.transaction(async (inside) => {
    const before = orNotFound(await inside.user(user.id), 'user');
    const { profile } = change;
    const named = profile === undefined ? undefined : await profileOf(inside, before.tenantId, profile);
    const hashed = passwordHash === undefined ? {} : { passwordHash };
    const { name: profileBefore } = orNotFound(await inside.profile(before.profileId), 'profile');
    const changed = changedUser(before, { ...change, ...hashed }, named, profileBefore);
    await writeChange(inside, changed, actor);
    return changed.after;
  });
}

/** What a new user's number is checked against, in the Asterisk that runs. */
export interface NumbersAsked {
  endpoint(name: string): Promise<EndpointFacts | undefined>;
  steps(context: string, number: string): Promise<readonly DialplanStep[]>;
}

/**
 * Rejects with `conflict` when Asterisk has something else under the number that a new user is to have: an endpoint of the
 * administrator's own, or an extension in the context that calls of users start in. Resolves with a warning where nobody could
 * call that number.
 */
export async function checkNumberAt(
  asterisk: NumbersAsked,
  { store }: Pick<Core, 'store'>,
  tenantId: string,
  extension: string,
): Promise<string | undefined> {
  const tenant = orNotFound(await store.tenant(tenantId), 'tenant');
  const name = endpointFor(tenant, extension);
  const facts = await asterisk.endpoint(name);
  if (facts !== undefined && !isOurs(facts))
    throw new SelfprovError(
      'conflict',
      `Asterisk has an endpoint ${name} of its own: "selfprov user adopt ${extension}" sets up phones for it`,
    );
  const context = usersContextOf(tenant);
  const steps = await stepsIn(asterisk, context, extension);
  if (steps === undefined)
    return 'Asterisk does not let selfprov read its dialplan: write its files again ("selfprov asterisk-files") and reload the manager';
  const other = otherMeaningIn(steps, extension, name);
  if (other !== undefined)
    throw new SelfprovError(
      'conflict',
      `${extension} is an extension of [${other.context}] already (${other.application}): choose another one`,
    );
  return isRouted(steps)
    ? undefined
    : `nobody can call ${extension}: there is no such extension in [${context}], nor a pattern`;
}

/** What Asterisk has to say of a number: that it is refused, or a warning. */
export interface NumberCheck {
  readonly refusal?: string;
  readonly warning?: string;
}

/** So many are asked for at a time. */
const AT_ONCE = 16;

/** `checkNumberAt` for many; those that there is nothing to say of are missing. */
export async function checkNumbersAt(
  asterisk: NumbersAsked,
  core: Pick<Core, 'store'>,
  tenantId: string,
  extensions: readonly string[],
): Promise<ReadonlyMap<string, NumberCheck>> {
  const checks = new Map<string, NumberCheck>();
  async function check(extension: string): Promise<void> {
    try {
      const warning = await checkNumberAt(asterisk, core, tenantId, extension);
      if (warning !== undefined) checks.set(extension, { warning });
    } catch (error) {
      if (!isRefusal(error, 'conflict')) throw error;
      checks.set(extension, { refusal: error.message });
    }
  }
  for (const some of chunks(extensions, AT_ONCE)) await Promise.all(some.map(check));
  return checks;
}

/** `undefined` where an older manager.conf of ours does not allow it. */
async function stepsIn(
  asterisk: NumbersAsked,
  context: string,
  number: string,
): Promise<readonly DialplanStep[] | undefined> {
  try {
    return await asterisk.steps(context, number);
  } catch (error) {
    if (isRefusal(error, 'invalid') && error.reason === 'ami_refused') return undefined;
    throw error;
  }
}

/** A new PIN for a user, generated unless given; the lock of the extension ends. */
export async function newPin({ store, secrets, actor }: Core, user: User, chosen?: string): Promise<Secret> {
  const pin = goodPin(chosen, user.extension, secrets);
  const pinHash = await secrets.hashPin(pin);
  await store.transaction((inside) => replacePin(inside, user, pinHash, actor));
  return pin;
}

/** Forgets the wrong secrets counted for the extension, for its user's devices, and for those that tried it last. */
export async function unlockUser({ store, actor }: Core, user: User): Promise<void> {
  const { id: userId, tenantId, extension, endpoint } = user;
  await store.transaction(async (inside) => {
    await inside.forgiveTries('extension', tenantId, extension);
    for (const { mac, authName } of await inside.linesOfUser(userId)) {
      // A port of another tenant's device is counted there.
      const device = orNotFound(await inside.device(mac), `device ${mac}`);
      await inside.forgiveTries('line', device.tenantId, authName);
    }
    for (const line of await inside.forgiveAgainst('line', endpoint)) {
      const mac = macOfAuthName(line);
      await inside.addEvent({ step: 'unlocked', tenantId, userId, mac, actor, detail: { extension } });
    }
    await inside.addEvent({ step: 'unlocked', tenantId, userId, actor, detail: { extension } });
  });
}

/** Releases the user's devices, then forgets the user. All or nothing. */
export async function removeUser(core: Core, user: User): Promise<void> {
  const { id: userId, tenantId, extension, name } = user;
  const { actor } = core;
  await core.store.transaction(async (store) => {
    // Nothing goes home to one who is gone.
    const hotDesk = await store.hotDeskOf(userId);
    if (hotDesk !== undefined) await store.removeHotDesk(hotDesk.mac);
    for (const { mac, slot } of await store.linesOfUser(userId)) {
      await releaseDevice({ ...core, store }, { mac, slot, actor });
    }
    await store.removeUser(userId);
    await store.addEvent({ step: 'user_removed', tenantId, userId, actor, detail: { extension, name } });
  });
}

/** Rejects with `not_found`. */
export async function userByExtension(
  { store }: Pick<Core, 'store'>,
  tenantId: string,
  extension: string,
): Promise<User> {
  return orNotFound(await store.userByExtension(tenantId, extension), `user with extension ${extension}`);
}

export async function listUsers(core: Core, tenantId: string): Promise<readonly UserShown[]> {
  return Promise.all((await core.store.users(tenantId)).map((user) => showUser(core, user)));
}

/** Those that a search fits, by extension. */
export async function searchUsers(
  core: Core,
  { locked, ...search }: Omit<UserSearch, 'locked'> & { readonly locked?: boolean },
): Promise<readonly UserShown[]> {
  const wanted = locked === undefined ? {} : { locked: { is: locked, at: core.now() } };
  const found = await core.store.searchUsers({ ...search, ...wanted });
  return Promise.all(found.map((user) => showUser(core, user)));
}

export async function showUser({ store, now }: Core, user: User): Promise<UserShown> {
  const { extension, endpoint, adoption, loginId, provisioningId, name, selfProvisioning, createdAt } = user;
  const tries = await store.tries('extension', user.tenantId, extension);
  const locked = isLocked(tries, now());
  return {
    ...{ extension, endpoint, adopted: adoption?.kind ?? null },
    ...{ loginId, provisioningId, hasPassword: user.passwordHash !== null },
    name,
    profile: (await store.profile(user.profileId))?.name ?? '',
    selfProvisioning,
    devices: (await store.linesOfUser(user.id)).map(({ mac }) => mac),
    locked,
    lockedUntil: locked ? tries.lockedUntil : null,
    createdAt,
  };
}
