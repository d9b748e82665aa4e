import { createHash } from 'node:crypto';
import type { Line } from './device.ts';
import type { Mac } from './mac.ts';
import type { Secret } from './secret.ts';
import type { Instant } from './time.ts';
import type { Tenant } from './tenant.ts';
import type { User } from './user.ts';

export type NewLine = Omit<Line, 'id'>;

/** What a new line is made of. */
export interface Credentials {
  readonly secret: Secret;
  readonly token: Secret;
  /** When it is made. */
  readonly now: Instant;
}

/**
 * A default line: endpoint, AOR and auth of their own. The name is used once: what Asterisk still knows of an earlier
 * line of this device never means this one.
 */
export function defaultLine(mac: Mac, slot: number, tenant: Tenant, credentials: Credentials): NewLine {
  const once = createHash('sha256').update(credentials.secret.reveal()).digest('hex').slice(0, 6);
  const account = `phone-${mac}-${once}`;
  return line(mac, slot, null, account, account, tenant, credentials);
}

/** The device that a line with this digest user name is of; `null` for one that is not ours. */
export function macOfAuthName(authName: string): Mac | null {
  return /(?:^phone-|-)([0-9a-f]{12})(?:-[0-9a-f]{6})?$/.exec(authName)?.[1] ?? null;
}

/** Whether an account has the name of a default line, whatever device that was of. */
export function isDefaultAccount(account: string): boolean {
  return /^phone-[0-9a-f]{12}(?:-|$)/.test(account);
}

/** Whether an account is one of the default lines that this device has or had. */
export function isDefaultAccountOf(mac: Mac, account: string): boolean {
  return account === `phone-${mac}` || account.startsWith(`phone-${mac}-`);
}

/** The line of a user on this device: the endpoint is the user's, the credential is the device's own. */
export function userLine(mac: Mac, slot: number, user: User, tenant: Tenant, credentials: Credentials): NewLine {
  return line(mac, slot, user.id, user.endpoint, userAuthName(user.endpoint, mac), tenant, credentials);
}

/** Digest user name of a device on the endpoint of its user. */
export function userAuthName(endpoint: string, mac: Mac): string {
  return `${endpoint}-${mac}`;
}

function line(
  mac: Mac,
  slot: number,
  userId: string | null,
  endpoint: string,
  authName: string,
  tenant: Tenant,
  { secret, token, now }: Credentials,
): NewLine {
  return {
    mac,
    slot,
    userId,
    endpoint,
    authName,
    number: null,
    secret,
    ...credentialIn(tenant, { authName, secret }),
    token,
    createdAt: now,
    askedAs: null,
    address: null,
    servedAt: null,
    contact: null,
    contactCertain: false,
    disbelieved: null,
    leftBehind: [],
    announced: false,
    leftAt: null,
    seenAs: null,
  };
}

/** What Asterisk is told of a line that comes into this tenant's realm, with the secret that its phone has. */
export function credentialIn(
  { realm }: Tenant,
  { authName, secret }: Pick<Line, 'authName' | 'secret'>,
): Pick<Line, 'realm' | 'md5Credential'> {
  // RFC 2617 section 3.2.2.2: the only form of a secret that Asterisk is told.
  const md5Credential = createHash('md5').update(`${authName}:${realm}:${secret.reveal()}`).digest('hex');
  return { realm, md5Credential };
}
