import { SelfprovError } from '../domain/errors.ts';
import type { Detail } from '../domain/journal.ts';
import type { Store } from '../domain/ports.ts';
import type { UserProfile } from '../domain/user.ts';
import type { Core } from './core.ts';
import { checkFamily, goodName, named } from './names.ts';
import { differences } from './settings.ts';
import { DEVICE_TEMPLATES, LINE_TEMPLATES, type TemplateKind } from './templates.ts';

/** What an administrator may change of a profile; templates by their names. */
export interface ProfileChange {
  readonly name?: string;
  readonly selfProvisioning?: boolean;
  readonly phoneLimit?: number;
  readonly families?: readonly string[] | null;
  readonly lineTemplate?: string;
  readonly deviceTemplate?: string;
}

export type ProfileShown = Required<ProfileChange> & { readonly users: number; readonly isDefault: boolean };

const MOST_PHONES = 100;

export async function listProfiles({ store }: Core, tenantId: string): Promise<readonly ProfileShown[]> {
  return Promise.all((await store.profiles(tenantId)).map((profile) => show(store, profile)));
}

/** Rejects with `not_found`. */
export async function showProfile(core: Core, tenantId: string, name: string): Promise<ProfileShown> {
  return show(core.store, await profileOf(core.store, tenantId, name));
}

/** What is not said is as in the tenant's default profile. Rejects with `invalid`, `not_found` or `conflict`. */
export async function addProfile(
  { store, actor }: Core,
  families: readonly string[],
  tenantId: string,
  input: ProfileChange & { readonly name: string },
): Promise<ProfileShown> {
  return store.transaction(async (inside) => {
    const tenant = await inside.tenant(tenantId);
    const like = await inside.profile(tenant?.defaultProfileId ?? '');
    if (like === undefined) throw new SelfprovError('not_found', 'the tenant has no default profile');
    const change = await changeOf(inside, families, tenantId, input);
    const { id: _, ...rest } = { ...like, ...change };
    const added = await inside.addProfile(rest);
    const detail = { what: 'profile', name: added.name, ...detailOf(input) };
    await inside.addEvent({ step: 'created', tenantId, actor, detail });
    return show(inside, added);
  });
}

/** Rejects with `invalid`, `not_found` or `conflict`; nothing of it is done then. */
export async function changeProfile(
  { store, actor }: Core,
  families: readonly string[],
  tenantId: string,
  name: string,
  input: ProfileChange,
): Promise<ProfileShown> {
  return store.transaction(async (inside) => {
    const before = await profileOf(inside, tenantId, name);
    const change = await changeOf(inside, families, tenantId, input);
    const after = { ...before, ...change };
    if (after.name !== before.name && (await inside.profiles(tenantId)).some((other) => other.name === after.name))
      throw new SelfprovError('conflict', `there is a profile ${after.name} already`);
    if (JSON.stringify(after) !== JSON.stringify(before)) {
      const was = await show(inside, before);
      await inside.updateProfile(before.id, change);
      const { name: renamed, ...rest } = differences(was, await show(inside, after));
      const newName = renamed === undefined ? {} : { newName: after.name };
      const detail = { what: 'profile', name: before.name, ...newName, ...rest };
      await inside.addEvent({ step: 'changed', tenantId, actor, detail });
    }
    return show(inside, after);
  });
}

/** Rejects with `not_found`, and with `conflict` when a user has it, or new users get it. */
export async function removeProfile({ store, actor }: Core, tenantId: string, name: string): Promise<void> {
  await store.transaction(async (inside) => {
    const profile = await profileOf(inside, tenantId, name);
    const { users, isDefault } = await show(inside, profile);
    if (isDefault) throw new SelfprovError('conflict', `new users get profile ${name}: choose another for them first`);
    const devices = (await inside.devices(tenantId)).filter(({ profileId }) => profileId === profile.id);
    if (devices.length > 0)
      throw new SelfprovError('conflict', `${devices.length} devices have profile ${name}: give them another first`);
    if (users > 0) throw new SelfprovError('conflict', `${users} users have profile ${name}: give them another first`);
    await inside.removeProfile(profile.id);
    await inside.addEvent({ step: 'deleted', tenantId, actor, detail: { what: 'profile', name: profile.name } });
  });
}

/** Throws `not_found`. */
export async function profileOf(store: Store, tenantId: string, name: string): Promise<UserProfile> {
  return named(await store.profiles(tenantId), name, 'profile');
}

async function changeOf(
  store: Store,
  known: readonly string[],
  tenantId: string,
  input: ProfileChange,
): Promise<Partial<Omit<UserProfile, 'id' | 'tenantId'>>> {
  const { name, lineTemplate, deviceTemplate, ...rest } = input;
  const { phoneLimit, families } = rest;
  if (phoneLimit !== undefined && !(Number.isInteger(phoneLimit) && phoneLimit >= 0 && phoneLimit <= MOST_PHONES))
    throw new SelfprovError('invalid', `a user may have 0 to ${MOST_PHONES} phones`);
  const strange = families?.find((family) => !known.includes(family));
  checkFamily(known, strange ?? null);
  const idOf = async <T extends object>(kind: TemplateKind<T>, wanted: string): Promise<string> =>
    named(await kind.all(store, tenantId), wanted, kind.what).id;
  return {
    ...rest,
    ...(name === undefined ? {} : { name: goodName(name) }),
    ...(lineTemplate === undefined ? {} : { lineTemplateId: await idOf(LINE_TEMPLATES, lineTemplate) }),
    ...(deviceTemplate === undefined ? {} : { deviceTemplateId: await idOf(DEVICE_TEMPLATES, deviceTemplate) }),
  };
}

function detailOf({ families, ...rest }: ProfileChange): Detail {
  return { ...rest, ...(families === undefined ? {} : { families: families?.join(',') ?? 'any' }) };
}

async function show(store: Store, profile: UserProfile): Promise<ProfileShown> {
  const { id, tenantId, name, selfProvisioning, phoneLimit, families } = profile;
  const [line, device] = [
    await store.lineTemplate(profile.lineTemplateId),
    await store.deviceTemplate(profile.deviceTemplateId),
  ];
  return {
    name,
    selfProvisioning,
    phoneLimit,
    families,
    lineTemplate: line?.name ?? '',
    deviceTemplate: device?.name ?? '',
    users: (await store.users(tenantId)).filter(({ profileId }) => profileId === id).length,
    isDefault: (await store.tenant(tenantId))?.defaultProfileId === id,
  };
}
