import { DEVICE_SETTINGS } from '../domain/deviceSettings.ts';
import type { Detail } from '../domain/journal.ts';
import { LINE_SETTINGS } from '../domain/lineSettings.ts';
import type { Store } from '../domain/ports.ts';
import type { User, UserProfile } from '../domain/user.ts';
import { shared } from '../domain/accounts.ts';
import { SelfprovError } from '../domain/errors.ts';
import { orNotFound } from '../domain/orNotFound.ts';
import { goodName } from './names.ts';
import { changes, differences, fromTo, said, type Texts } from './settings.ts';

/** What an administrator may change of a user; the profile by its name, settings as texts. */
export interface UserChange {
  readonly name?: string;
  readonly selfProvisioning?: boolean;
  readonly profile?: string;
  /** `null`: none any more. */
  readonly loginId?: string | null;
  readonly provisioningId?: string | null;
  readonly texts?: Texts;
}

/** A user as it is to be, and what is new of it, for the journal. */
export interface ChangedUser<Of = User> {
  readonly after: Of;
  readonly detail: Detail;
}

/** `profile` is the one that the change names. Throws `invalid`. */
export function changedUser<Of extends Omit<User, 'id' | 'pinHash' | 'createdAt'>>(
  before: Of,
  change: UserChange & { readonly passwordHash?: string | null },
  profile: UserProfile | undefined,
  profileBefore?: string,
): ChangedUser<Of> {
  const { texts = {}, name, selfProvisioning, loginId, provisioningId, passwordHash } = change;
  for (const id of [loginId, provisioningId]) checkId(id ?? null);
  const after: Of = {
    ...before,
    ...(name === undefined ? {} : { name: goodName(name) }),
    ...(selfProvisioning === undefined ? {} : { selfProvisioning }),
    ...(profile === undefined ? {} : { profileId: profile.id }),
    ...(loginId === undefined ? {} : { loginId }),
    ...(provisioningId === undefined ? {} : { provisioningId }),
    ...(passwordHash === undefined ? {} : { passwordHash }),
    lineSays: said(LINE_SETTINGS, before.lineSays, texts),
    deviceSays: said(DEVICE_SETTINGS, before.deviceSays, texts),
  };
  const plain = ({ name, selfProvisioning, loginId, provisioningId }: Of): object => ({
    ...{ name, selfProvisioning, userId: loginId, provisioningId },
  });
  const detail = {
    ...differences(plain(before), plain(after)),
    ...(after.passwordHash === before.passwordHash
      ? {}
      : { password: after.passwordHash === null ? 'none' : 'changed' }),
    ...(after.profileId === before.profileId ? {} : { profile: fromTo(profileBefore, profile?.name) }),
    ...changes(LINE_SETTINGS, before.lineSays, after.lineSays),
    ...changes(DEVICE_SETTINGS, before.deviceSays, after.deviceSays),
  };
  return { after, detail };
}

/** Throws `invalid` for what a caller could not key. */
export function checkId(id: string | null): void {
  if (id !== null && !/^\d{1,20}$/.test(id))
    throw new SelfprovError(
      'invalid',
      'a user ID and a self-provisioning ID have 1 to 20 digits, and nothing but digits',
    );
}

/** Inside a transaction. Rejects with `conflict` when the extension or another number is taken. */
export async function writeUser(inside: Store, user: Omit<User, 'id'>, actor: string): Promise<User> {
  const added = await inside.addUser(user);
  const { id: userId, tenantId, extension } = added;
  await inside.addEvent({ step: 'user_added', tenantId, userId, actor, detail: { extension, name: added.name } });
  return added;
}

/** Inside a transaction; writes nothing when nothing is new. Rejects with `conflict` when a number is taken. */
export async function writeChange(inside: Store, { after, detail }: ChangedUser, actor: string): Promise<void> {
  if (Object.keys(detail).length === 0) return;
  const { id: userId, tenantId, extension } = after;
  await checkFree(inside, after);
  await inside.updateUser(userId, after);
  await inside.addEvent({ step: 'user_changed', tenantId, userId, actor, detail: { extension, ...detail } });
  await shareWithLines(inside, after, actor);
}

/** All phones of a user who was adopted with one password have that in their files. */
async function shareWithLines(inside: Store, { id: userId, adoption }: User, actor: string): Promise<void> {
  if (adoption?.kind !== 'password') return;
  for (const line of await inside.linesOfUser(userId)) {
    const change = shared(line, adoption);
    if (line.authUser === change.authUser && line.secret.reveal() === change.secret.reveal()) continue;
    await inside.updateLine(line.id, change);
    const { mac, endpoint } = line;
    const { tenantId } = orNotFound(await inside.device(mac), `device ${mac}`);
    await inside.addEvent({ step: 'password_new', tenantId, mac, userId, actor, detail: { account: endpoint } });
  }
}

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
