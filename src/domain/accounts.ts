import { createHash } from 'node:crypto';
import type { Line } from './device.ts';
import type { Mac } from './mac.ts';
import type { Secret } from './secret.ts';
import type { Tenant } from './tenant.ts';
import type { User } from './user.ts';

export type NewLine = Omit<Line, 'id'>;

/** What a new line is made of. */
export interface Credentials {
  readonly secret: Secret;
  readonly token: Secret;
}

/**
 * A default line: endpoint, AOR and auth of their own. The name is used once: what Asterisk still knows of an earlier
 * line of this device never means this one.
 */
export function defaultLine(mac: Mac, tenant: Tenant, credentials: Credentials): NewLine {
  const once = createHash('sha256').update(credentials.token.reveal()).digest('hex').slice(0, 6);
  const account = `phone-${mac}-${once}`;
  return line(mac, null, account, account, tenant, credentials);
}

/** Whether an account is one of the default lines that this device has or had. */
export function isDefaultAccountOf(mac: Mac, account: string): boolean {
  return account === `phone-${mac}` || account.startsWith(`phone-${mac}-`);
}

/** The line of a user on this device: the endpoint is the user's, the credential is the device's own. */
export function userLine(mac: Mac, user: User, tenant: Tenant, credentials: Credentials): NewLine {
  return line(mac, user.id, user.extension, userAuthName(user.extension, mac), tenant, credentials);
}

/** Digest user name of a device on the endpoint of its user. */
export function userAuthName(extension: string, mac: Mac): string {
  return `${extension}-${mac}`;
}

function line(
  mac: Mac,
  userId: string | null,
  endpoint: string,
  authName: string,
  tenant: Tenant,
  { secret, token }: Credentials,
): NewLine {
  return {
    mac,
    slot: 1,
    userId,
    endpoint,
    authName,
    secret,
    md5Credential: md5Credential(authName, tenant.realm, secret),
    token,
    askedAs: null,
    address: null,
    servedAt: null,
    contact: null,
    contactCertain: false,
    announced: false,
    leftAt: null,
    seenAs: null,
  };
}

/** RFC 2617 section 3.2.2.2: the only form of a secret that Asterisk is told. */
function md5Credential(authName: string, realm: string, secret: Secret): string {
  return createHash('md5').update(`${authName}:${realm}:${secret.reveal()}`).digest('hex');
}
