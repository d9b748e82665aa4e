import { DEVICE_SETTINGS, type DeviceSettings } from '../../domain/deviceSettings.ts';
import { SelfprovError } from '../../domain/errors.ts';
import { LINE_SETTINGS, type LineSettings } from '../../domain/lineSettings.ts';
import { orNotFound } from '../../domain/orNotFound.ts';
import { pinProblem } from '../../domain/pin.ts';
import type { Store } from '../../domain/ports.ts';
import { Secret } from '../../domain/secret.ts';
import { flag } from '../../domain/settingKinds.ts';
import { endpointFor, type Tenant } from '../../domain/tenant.ts';
import type { User, UserProfile } from '../../domain/user.ts';
import { goodName, named } from '../names.ts';
import { checkExtension } from '../numbers.ts';
import type { Texts } from '../settings.ts';
import { changedUser, checkId, type ChangedUser, type UserChange } from '../userChanges.ts';
import type { Change, Column, Kind, Wrong } from './kind.ts';
import { settingColumns } from './settingColumns.ts';

export interface UserDraft extends UserChange {
  readonly extension: string;
  readonly texts: Texts;
  readonly pin?: Secret;
  /** Where it is not made by the tenant's pattern. */
  readonly endpoint?: string;
  /** Of an adopted user, see `Adoption`. */
  readonly slots?: number;
  readonly sipUser?: string;
  readonly sipPassword?: Secret;
}

/** What a table says of a user; the rest is made. */
export type NewUser = Omit<User, 'id' | 'pinHash' | 'createdAt'>;

/** `pin`: the one that the user gets, if any. */
export type UserPlan = Change & { readonly pin: Secret | 'generated' | null } & (
    | { readonly what: 'new'; readonly user: ChangedUser<NewUser> }
    | { readonly what: 'changed' | 'unchanged'; readonly user: ChangedUser }
  );

/** A user as it is exported. */
export interface UserLine {
  readonly user: User;
  readonly profile: string;
}

type UserColumn = Column<UserDraft, UserLine>;

/** Names of the columns, for a usage text. */
export function userColumnNames(): readonly string[] {
  const unchecked = (): void => undefined;
  return userColumns(unchecked, unchecked).map(({ name }) => name);
}

const SWITCH = flag('');

const IDS = [
  { name: 'user-id', field: 'loginId' },
  { name: 'provisioning-id', field: 'provisioningId' },
] as const;

/** The table of a tenant's users. */
export async function usersKind(store: Store, tenantId: string): Promise<Kind<UserDraft, UserPlan, UserLine>> {
  const tenant = orNotFound(await store.tenant(tenantId), 'tenant');
  const profiles = await store.profiles(tenantId);
  const users = new Map((await store.users(tenantId)).map((user) => [user.extension, user]));
  const profileOf = (name: string): UserProfile => named(profiles, name.trim(), 'profile');
  const refuseTaken = takenIds([...users.values()]);

  function plan(draft: UserDraft, wrong: Wrong): UserPlan {
    const { extension, pin = null } = draft;
    const problem = pin === null ? undefined : pinProblem(pin.reveal(), extension);
    if (problem !== undefined) wrong('pin', problem);
    const profile = draft.profile === undefined ? undefined : profileOf(draft.profile);
    const before = users.get(extension);
    refuseTaken(draft, before, wrong);
    if (before === undefined) {
      if (draft.name === undefined) wrong('name', `there is no user ${extension} yet, and a new one needs a name`);
      const user = changedUser(nobody(tenant, extension), draft, profile);
      const fields = { ...user.detail, pin: pin === null ? 'generated' : 'given' };
      return { what: 'new', user, pin: pin ?? 'generated', fields };
    }
    const profileBefore = profiles.find(({ id }) => id === before.profileId)?.name;
    const user = changedUser(before, draft, profile, profileBefore);
    const fields = { ...user.detail, ...(pin === null ? {} : { pin: 'given' }) };
    return { what: Object.keys(fields).length === 0 ? 'unchanged' : 'changed', user, pin, fields };
  }

  const columns = userColumns(
    (extension) => checkExtension(tenant, extension),
    (profile) => void profileOf(profile),
  );
  return { what: 'users', columns, key: 'extension', blank: { extension: '', texts: {} }, keyOf, plan };
}

/** What else users are known by, line after line as they are written: no two have the same. */
function takenIds(users: readonly User[]): (draft: UserDraft, before: User | undefined, wrong: Wrong) => void {
  const kinds = IDS.map(({ name, field }) => {
    const holders = new Map(users.map((user) => [user[field], user.extension]));
    return { name, field, holders };
  });
  return (draft, before, wrong) => {
    for (const { name, field, holders } of kinds) {
      const id = draft[field];
      if (id === undefined) continue;
      const holder = id === null ? undefined : holders.get(id);
      if (holder !== undefined && holder !== draft.extension) wrong(name, `${id} is ${holder}'s`);
      if (before !== undefined) holders.delete(before[field]);
      if (id !== null) holders.set(id, draft.extension);
    }
  };
}

/** Users as they are exported, without any secret. */
export async function userLines(store: Store, tenantId: string): Promise<readonly UserLine[]> {
  const names = new Map((await store.profiles(tenantId)).map(({ id, name }) => [id, name]));
  const users = await store.users(tenantId);
  return users.map((user) => ({ user, profile: names.get(user.profileId) ?? '' }));
}

/** All columns, with the checks that a tenant makes. */
function userColumns(
  checkExtension: (extension: string) => void,
  checkProfile: (name: string) => void,
): readonly UserColumn[] {
  return [
    {
      name: 'extension',
      always: true,
      read(draft, cell) {
        checkExtension(cell.trim());
        return { ...draft, extension: cell.trim() };
      },
      show: ({ user }) => user.extension,
    },
    {
      name: 'name',
      always: true,
      read: (draft, cell) => ({ ...draft, name: goodName(cell) }),
      show: ({ user }) => user.name,
    },
    {
      name: 'profile',
      always: true,
      read(draft, cell) {
        checkProfile(cell);
        return { ...draft, profile: cell };
      },
      show: ({ profile }) => profile,
    },
    {
      name: 'pin',
      read(draft, cell) {
        const problem = pinProblem(cell.trim(), '');
        if (problem !== undefined) throw new SelfprovError('invalid', problem);
        return { ...draft, pin: new Secret(cell.trim()) };
      },
    },
    {
      name: 'selfProvisioning',
      always: true,
      read: (draft, cell) => ({ ...draft, selfProvisioning: SWITCH.read(cell) }),
      show: ({ user }) => SWITCH.show(user.selfProvisioning),
    },
    ...IDS.map(idColumn),
    ...settingColumns<LineSettings, UserDraft, UserLine>(LINE_SETTINGS, ({ user }) => user.lineSays),
    ...settingColumns<DeviceSettings, UserDraft, UserLine>(DEVICE_SETTINGS, ({ user }) => user.deviceSays),
  ];
}

/** What else a caller may be known by; `none` for none any more. */
function idColumn({ name, field }: (typeof IDS)[number]): UserColumn {
  return {
    name,
    read(draft, cell) {
      const id = cell.trim() === 'none' ? null : cell.trim();
      checkId(id);
      return { ...draft, [field]: id };
    },
    show: ({ user }) => user[field] ?? '',
  };
}

function keyOf({ extension }: UserDraft): string {
  return extension;
}

function nobody(tenant: Tenant, extension: string): NewUser {
  const plain = { tenantId: tenant.id, profileId: tenant.defaultProfileId, extension, name: '' };
  const ids = { endpoint: endpointFor(tenant, extension), adoption: null, loginId: null, provisioningId: null };
  return { ...plain, ...ids, passwordHash: null, selfProvisioning: true, lineSays: {}, deviceSays: {} };
}
