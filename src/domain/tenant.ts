import type { DeviceSettings } from './deviceSettings.ts';
import type { LineSettings } from './lineSettings.ts';
import { isInNetworks, PLAIN_POLICY, type Policy } from './policySettings.ts';
import type { Said } from './settings.ts';

/** The tenant that the first start writes. New phones go to it unless they come through another's door. */
export const DEFAULT_TENANT = 'default';

/** Asterisk challenges names that do not exist with its default realm: with the same one here, nobody can tell which do. */
export const USUAL_REALM = 'asterisk';

/** Templates of the unassigned phones of one family; what is `null` is as for all. */
export interface FamilyTemplates {
  readonly lineTemplateId: string | null;
  readonly deviceTemplateId: string | null;
}

/** One customer. The realm is the one that Asterisk puts into its challenges; every stored credential depends on it. */
export interface Tenant {
  /** A short word, in the names of its contexts. */
  readonly id: string;
  readonly name: string;
  readonly realm: string;
  /** Of new users' endpoints: `{extension}`, with what tells them from other tenants' before or after it. */
  readonly endpointPattern: string;
  /** Where its phones ask, by which they are known; the first is what they are told. None: the installation's. */
  readonly urls: readonly string[];
  /** Networks (`10.1.0.0/16`) whose new phones are its own. */
  readonly networks: readonly string[];
  /** Dialled to give a phone to a user, for example `*55`. */
  readonly extension: string;
  /** Dialled to give a phone back, for example `*56`. */
  readonly releaseExtension: string;
  /** Dialled to hear the number of the phone in the inventory, for example `*57`. */
  readonly numberExtension: string;
  /** What a default line may reach besides the three above. */
  readonly emergencyNumbers: readonly string[];
  /** The profile that new users get. */
  readonly defaultProfileId: string;
  /** What an unassigned phone gets, unless there is one for its family. */
  readonly defaultDeviceTemplateId: string;
  /** What its default line is like; `null`: nothing of its own. */
  readonly defaultLineTemplateId: string | null;
  /** The same for single families. */
  readonly familyTemplates: Readonly<Record<string, FamilyTemplates>>;
  /** What it says of its users' lines, and of all phones. */
  readonly lineSays: Said<LineSettings>;
  readonly deviceSays: Said<DeviceSettings>;
  readonly policySays: Said<Policy>;
  /** Of what an administrator keys in a call; `null`: that way is closed. */
  readonly administratorCodeHash: string | null;
  /** The addresses that stand for one phone alone, see `admission.ts`: private ones, or any. */
  readonly trustedAddresses: 'private' | 'any';
}

/** What phones of this family without a user, and their default lines, are made by. */
export function newPhonesTemplates(
  { familyTemplates, defaultLineTemplateId, defaultDeviceTemplateId }: Tenant,
  family: string,
): { readonly lineTemplateId: string | null; readonly deviceTemplateId: string } {
  const { lineTemplateId = null, deviceTemplateId = null } = familyTemplates[family] ?? {};
  return {
    lineTemplateId: lineTemplateId ?? defaultLineTemplateId,
    deviceTemplateId: deviceTemplateId ?? defaultDeviceTemplateId,
  };
}

/** What a tenant's policy is, whoever says it. */
export function policyOf({ policySays }: Pick<Tenant, 'policySays'>): Policy {
  return { ...PLAIN_POLICY, ...policySays };
}

/** Name of the PJSIP endpoint and AOR of a user with this extension. */
export function endpointFor({ endpointPattern }: Pick<Tenant, 'endpointPattern'>, extension: string): string {
  return endpointPattern.replace('{extension}', extension);
}

/** The extension whose user's endpoint has this name, by the tenant's pattern; `undefined` when it is none. */
export function extensionOf(
  { endpointPattern }: Pick<Tenant, 'endpointPattern'>,
  endpoint: string,
): string | undefined {
  const [before = '', after = ''] = endpointPattern.split('{extension}');
  if (!endpoint.startsWith(before) || !endpoint.endsWith(after)) return undefined;
  const extension = endpoint.slice(before.length, endpoint.length - after.length);
  return /^\d{1,20}$/.test(extension) ? extension : undefined;
}

/** The contexts that the dialplan has for a tenant: where calls of its default lines start, for those of its users, and for both. */
export function contextsOf({ id }: Pick<Tenant, 'id'>): {
  readonly defaultLine: string;
  readonly users: string;
  readonly features: string;
} {
  const prefix = id === DEFAULT_TENANT ? 'selfprov' : `selfprov-${id}`;
  return { defaultLine: `${prefix}-default-line`, users: `${prefix}-users`, features: `${prefix}-features` };
}

/** What a request shows of the door that it came through. */
export interface Door {
  /** Host that it asked, without port; `null` where the way of asking has none. */
  readonly host: string | null;
  /** Without the token, but with what stands before it; starts with a slash. */
  readonly path: string;
  readonly address: string;
}

/**
 * Whose new phone it is that asks here: the tenant's whose URL it is (a path of its own tells more than a host, which a proxy
 * may change; at the same host, and the longest, before others), else the one's in whose network it is, else nobody's.
 */
export function tenantAt<T extends Pick<Tenant, 'urls' | 'networks'>>(
  tenants: readonly T[],
  door: Door,
): T | undefined {
  const host = door.host === null ? null : plainHost(door.host);
  const all = tenants.flatMap((tenant) => tenant.urls.map((url) => ({ tenant, url: new URL(url) })));
  const isHost = ({ url }: { readonly url: URL }): boolean => plainHost(url.hostname) === host;
  const [byPath] = all
    .filter(({ url }) => url.pathname !== '/' && door.path.startsWith(url.pathname))
    .toSorted(
      (one, other) =>
        Number(isHost(other)) - Number(isHost(one)) || other.url.pathname.length - one.url.pathname.length,
    );
  const byUrl = byPath ?? all.find((each) => each.url.pathname === '/' && isHost(each));
  return byUrl?.tenant ?? tenants.find(({ networks }) => isInNetworks(door.address, networks));
}

/** Upper case and the dot of a whole name mean nothing (RFC 1034, 3.1). */
function plainHost(host: string): string {
  return host.toLowerCase().replace(/\.$/, '');
}
