import { isDefaultLine, type DefaultLine, type Device, type Line } from '../../domain/device.ts';
import type { DeviceSettings } from '../../domain/deviceSettings.ts';
import { defaultLineSettings, deviceSettings, userLineSettings } from '../../domain/levels.ts';
import type { LineSettings } from '../../domain/lineSettings.ts';
import { orNotFound } from '../../domain/orNotFound.ts';
import type { Tenants, Users } from '../../domain/ports.ts';
import type { Effective } from '../../domain/settings.ts';
import type { DeviceTemplate, LineTemplate } from '../../domain/templates.ts';
import { newPhonesTemplates, type Tenant } from '../../domain/tenant.ts';
import type { User, UserProfile } from '../../domain/user.ts';

/** All that a file says besides where the servers are, and where each of it comes from. */
export interface Settings {
  readonly tenant: Tenant;
  readonly device: Effective<DeviceSettings>;
  readonly defaultLines: readonly { readonly line: DefaultLine; readonly settings: Effective<LineSettings> }[];
  readonly userLines: readonly {
    readonly line: Line;
    readonly user: User;
    readonly tenant: Tenant;
    readonly settings: Effective<LineSettings>;
  }[];
}

/** What settings depend on of a device; of a file that is nobody's own, the family alone. */
export type SettingsOwner = Pick<Device, 'tenantId' | 'family'> & Partial<Pick<Device, 'mac' | 'says' | 'profileId'>>;

type Source = Tenants & Users;

/** What settings are made of, once it has been read. */
export interface SettingsSource {
  tenant(id: string): Tenant | undefined;
  user(id: string): User | undefined;
  profile(id: string): UserProfile | undefined;
  lineTemplate(id: string): LineTemplate | undefined;
  deviceTemplate(id: string): DeviceTemplate | undefined;
}

/**
 * What a device with these lines gets: its tenant's, then its first user's, each line its own user's. Without lines it is
 * what is the same for all phones of the family. Rejects with `not_found`.
 */
export async function settingsFor(store: Source, owner: SettingsOwner, lines: readonly Line[]): Promise<Settings> {
  return settingsFrom(await readSource(store, owner, lines), owner, lines);
}

/** The same, of what has been read. Throws `not_found`. */
export function settingsFrom(source: SettingsSource, owner: SettingsOwner, lines: readonly Line[]): Settings {
  const tenant = orNotFound(source.tenant(owner.tenantId), 'tenant');
  const users = lines.filter((line) => !isDefaultLine(line)).map((line) => ofUser(source, line));
  const [first] = users;
  const entered = owner.profileId == null ? undefined : source.profile(owner.profileId);
  const forNew = newPhonesTemplates(tenant, owner.family);
  const { deviceTemplateId } = first?.profile ?? entered ?? forNew;
  const deviceTemplate = orNotFound(source.deviceTemplate(deviceTemplateId), 'device template');
  const { mac, says } = owner;
  const own = mac === undefined || says === undefined ? undefined : { mac, says };
  const ofNobody = defaultLineSettings(
    tenant,
    forNew.lineTemplateId === null ? undefined : source.lineTemplate(forNew.lineTemplateId),
  );
  return {
    tenant,
    device: deviceSettings(tenant, deviceTemplate, first?.user, own),
    defaultLines: lines.filter(isDefaultLine).map((line) => ({ line, settings: ofNobody })),
    userLines: users.map(({ line, user, tenant: whose, settings }) => ({ line, user, tenant: whose, settings })),
  };
}

function ofUser(source: SettingsSource, line: Line): Settings['userLines'][number] & { profile: UserProfile } {
  const user = orNotFound(line.userId === null ? undefined : source.user(line.userId), 'user of this line');
  const profile = orNotFound(source.profile(user.profileId), 'user profile');
  const tenant = orNotFound(source.tenant(user.tenantId), 'tenant');
  const template = orNotFound(source.lineTemplate(profile.lineTemplateId), 'line template');
  return { line, user, tenant, profile, settings: userLineSettings(tenant, template, user) };
}

/** Reads what `settingsFrom` asks for, each thing once. */
async function readSource(store: Source, owner: SettingsOwner, lines: readonly Line[]): Promise<SettingsSource> {
  const users = await found(store.user, [...lines.map(({ userId }) => userId)]);
  const profiles = await found(store.profile, [owner.profileId, ...users.all.map(({ profileId }) => profileId)]);
  const tenants = await found(store.tenant, [owner.tenantId, ...users.all.map(({ tenantId }) => tenantId)]);
  const tenant = tenants.byId(owner.tenantId);
  const forNew = tenant && newPhonesTemplates(tenant, owner.family);
  const lineTemplates = await found(store.lineTemplate, [
    forNew?.lineTemplateId,
    ...profiles.all.map(({ lineTemplateId }) => lineTemplateId),
  ]);
  const deviceTemplates = await found(store.deviceTemplate, [
    forNew?.deviceTemplateId,
    ...profiles.all.map(({ deviceTemplateId }) => deviceTemplateId),
  ]);
  return {
    tenant: tenants.byId,
    user: users.byId,
    profile: profiles.byId,
    lineTemplate: lineTemplates.byId,
    deviceTemplate: deviceTemplates.byId,
  };
}

async function found<T>(
  find: (id: string) => Promise<T | undefined>,
  ids: readonly (string | null | undefined)[],
): Promise<{ readonly all: readonly T[]; byId(id: string): T | undefined }> {
  const wanted = [...new Set(ids.filter((id) => id != null))];
  const values = await Promise.all(wanted.map((id) => find(id)));
  return { all: values.filter((value) => value !== undefined), byId: (id) => values[wanted.indexOf(id)] };
}
