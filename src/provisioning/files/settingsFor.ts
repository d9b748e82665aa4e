import { isDefaultLine, type DefaultLine, type Line } from '../../domain/device.ts';
import { orNotFound } from '../../domain/orNotFound.ts';
import type { Tenants, Users } from '../../domain/ports.ts';
import type { DeviceTemplate, LineSettings, LineTemplate, Transport } from '../../domain/templates.ts';
import type { Tenant } from '../../domain/tenant.ts';
import type { User, UserProfile } from '../../domain/user.ts';

/** All that a file says besides where the servers are, and where each of it comes from. */
export interface Settings {
  readonly tenant: Tenant;
  readonly deviceTemplate: DeviceTemplate;
  /** Of an unassigned device. */
  readonly defaultLine: DefaultLine | null;
  readonly userLines: readonly { readonly line: Line; readonly user: User; readonly settings: LineSettings }[];
}

type Source = Tenants & Users;

/**
 * What a device with these lines gets: its tenant's, then its first user's, each line its own user's. Without lines it is
 * what is the same for everybody.
 */
export async function settingsFor(
  store: Source,
  transport: Transport,
  tenantId: string,
  lines: readonly Line[],
): Promise<Settings> {
  const tenant = orNotFound(await store.tenant(tenantId), 'tenant');
  const users = await Promise.all(lines.filter((line) => !isDefaultLine(line)).map((line) => ofUser(store, line)));
  const deviceTemplateId = users[0]?.profile.deviceTemplateId ?? tenant.defaultDeviceTemplateId;
  return {
    tenant,
    deviceTemplate: orNotFound(await store.deviceTemplate(deviceTemplateId), 'device template'),
    defaultLine: lines.find(isDefaultLine) ?? null,
    userLines: users.map(({ line, user, template }) => ({ line, user, settings: inherit(transport, template) })),
  };
}

/** What a line template leaves open is as the SIP server has it. */
export function inherit(transport: Transport, template: LineTemplate): LineSettings {
  const { codecs, srtp, expiry, voicemailNumber } = template;
  return { codecs, srtp, expiry, voicemailNumber, transport: template.transport ?? transport };
}

async function ofUser(
  store: Source,
  line: Line,
): Promise<{ line: Line; user: User; profile: UserProfile; template: LineTemplate }> {
  const user = orNotFound(line.userId === null ? undefined : await store.user(line.userId), 'user of this line');
  const profile = orNotFound(await store.profile(user.profileId), 'user profile');
  const template = orNotFound(await store.lineTemplate(profile.lineTemplateId), 'line template');
  return { line, user, profile, template };
}
