import { isDefaultLine, type DefaultLine, type Device, type Line } from '../../domain/device.ts';
import type { DeviceSettings } from '../../domain/deviceSettings.ts';
import { deviceSettings, readDefaultLineSettings, readUserLineSettings } from '../../domain/levels.ts';
import type { LineSettings } from '../../domain/lineSettings.ts';
import { orNotFound } from '../../domain/orNotFound.ts';
import type { Tenants, Users } from '../../domain/ports.ts';
import type { Effective } from '../../domain/settings.ts';
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

/**
 * What a device with these lines gets: its tenant's, then its first user's, each line its own user's. Without lines it is
 * what is the same for all phones of the family.
 */
export async function settingsFor(store: Source, owner: SettingsOwner, lines: readonly Line[]): Promise<Settings> {
  const tenant = orNotFound(await store.tenant(owner.tenantId), 'tenant');
  const users = await Promise.all(lines.filter((line) => !isDefaultLine(line)).map((line) => ofUser(store, line)));
  const [first] = users;
  const entered = owner.profileId == null ? undefined : await store.profile(owner.profileId);
  const { deviceTemplateId } = first?.profile ?? entered ?? newPhonesTemplates(tenant, owner.family);
  const deviceTemplate = orNotFound(await store.deviceTemplate(deviceTemplateId), 'device template');
  const { mac, says } = owner;
  const own = mac === undefined || says === undefined ? undefined : { mac, says };
  const ofNobody = await readDefaultLineSettings(store, tenant, owner.family);
  return {
    tenant,
    device: deviceSettings(tenant, deviceTemplate, first?.user, own),
    defaultLines: lines.filter(isDefaultLine).map((line) => ({ line, settings: ofNobody })),
    userLines: users.map(({ line: its, user, tenant: whose, settings }) => ({
      line: its,
      user,
      tenant: whose,
      settings,
    })),
  };
}

async function ofUser(
  store: Source,
  line: Line,
): Promise<{ line: Line; user: User; tenant: Tenant; profile: UserProfile; settings: Effective<LineSettings> }> {
  const user = orNotFound(line.userId === null ? undefined : await store.user(line.userId), 'user of this line');
  const profile = orNotFound(await store.profile(user.profileId), 'user profile');
  const tenant = orNotFound(await store.tenant(user.tenantId), 'tenant');
  return { line, user, tenant, profile, settings: await readUserLineSettings(store, user, profile) };
}
