import { PLAIN_DEVICE, type DeviceSettings } from './deviceSettings.ts';
import { PLAIN_DEFAULT_LINE, PLAIN_LINE, type LineSettings } from './lineSettings.ts';
import { orNotFound } from './orNotFound.ts';
import type { Tenants } from './ports.ts';
import { effective, type Effective, type Level, type Said } from './settings.ts';
import type { DeviceTemplate, LineTemplate } from './templates.ts';
import { contextsOf, newPhonesTemplates, type Tenant } from './tenant.ts';
import type { User, UserProfile } from './user.ts';

/**
 * Where each setting comes from: tenant, then the template that the profile names, then the user, then the device. The only
 * place that knows this order.
 */
export function userLineSettings(tenant: Tenant, template: LineTemplate, user: User): Effective<LineSettings> {
  const settings = effective(PLAIN_LINE, [
    level('tenant', tenant.id, tenant.lineSays),
    templateLevel(template),
    level('user', user.extension, user.lineSays),
  ]);
  return withKeysHidden(settings);
}

/** Of a default line; its context is not for anybody to choose. */
export function defaultLineSettings(tenant: Tenant, template: LineTemplate | undefined): Effective<LineSettings> {
  const levels = template === undefined ? [] : [templateLevel(template)];
  const { context: _, ...settings } = effective(PLAIN_DEFAULT_LINE, levels);
  return withKeysHidden({ ...settings, context: { value: contextsOf(tenant).defaultLine, from: 'built in' } });
}

/**
 * SDES (RFC 4568) sends the keys of encrypted media in SIP, for whoever reads along: with them goes TLS, whatever is said of
 * the transport.
 */
function withKeysHidden(settings: Effective<LineSettings>): Effective<LineSettings> {
  const { srtp, transport } = settings;
  if (!srtp.value || transport.value === 'tls') return settings;
  return { ...settings, transport: { value: 'tls', from: `srtp of ${srtp.from}` } };
}

/** Where calls of a tenant's users start, but for those that something nearer says otherwise of. */
export function usersContextOf({ lineSays }: Pick<Tenant, 'lineSays'>): string {
  return lineSays.context ?? PLAIN_LINE.context;
}

/** `user` is the first of the device's users; `device` says what is this device's alone, where it is one device's. */
export function deviceSettings(
  tenant: Tenant,
  template: DeviceTemplate,
  user: Pick<User, 'extension' | 'deviceSays'> | undefined,
  device: { readonly mac: string; readonly says: Said<DeviceSettings> } | undefined,
): Effective<DeviceSettings> {
  return effective(PLAIN_DEVICE, [
    level('tenant', tenant.id, tenant.deviceSays),
    templateLevel(template),
    ...(user === undefined ? [] : [level('user', user.extension, user.deviceSays)]),
    ...(device === undefined ? [] : [level('device', device.mac, device.says)]),
  ]);
}

/** Of a user's line, wherever it is. Rejects with `not_found`. */
export async function readUserLineSettings(
  source: LineSource,
  user: User,
  profile: UserProfile,
): Promise<Effective<LineSettings>> {
  const tenant = orNotFound(await source.tenant(user.tenantId), 'tenant');
  const template = orNotFound(await source.lineTemplate(profile.lineTemplateId), 'line template');
  return userLineSettings(tenant, template, user);
}

/** Of a default line of this family. */
export async function readDefaultLineSettings(
  source: LineSource,
  tenant: Tenant,
  family: string,
): Promise<Effective<LineSettings>> {
  const { lineTemplateId } = newPhonesTemplates(tenant, family);
  return defaultLineSettings(tenant, lineTemplateId === null ? undefined : await source.lineTemplate(lineTemplateId));
}

type LineSource = Pick<Tenants, 'tenant' | 'lineTemplate'>;

function templateLevel<T>({ name, says }: { readonly name: string; readonly says: Said<T> }): Level<T> {
  return level('template', name, says);
}

function level<T>(kind: string, name: string, says: Said<T>): Level<T> {
  return { from: `${kind} ${name}`, says };
}
