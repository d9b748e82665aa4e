import { createHash } from 'node:crypto';
import type { Mac } from './mac.ts';
import type { Secret } from './secret.ts';
import type { Line, Tenant, User } from './types.ts';

type NewLine = Omit<Line, 'id'>;

/** RFC 2617 section 3.2.2.2: the only form of a secret that Asterisk is told. */
function md5Credential(authName: string, realm: string, secret: Secret): string {
  return createHash('md5').update(`${authName}:${realm}:${secret.reveal()}`).digest('hex');
}

/** Name of the endpoint, AOR and auth of a device without a user. */
export function defaultAccount(mac: Mac): string {
  return `phone-${mac}`;
}

/** The line of an unassigned device: an endpoint, AOR and auth of this device alone. */
export function defaultLine(mac: Mac, tenant: Tenant, secret: Secret): NewLine {
  const account = defaultAccount(mac);
  return line(mac, null, account, account, tenant, secret);
}

/** The line of a user on this device: the endpoint is the user's, the credential is the device's own. */
export function userLine(mac: Mac, user: User, tenant: Tenant, secret: Secret): NewLine {
  return line(mac, user.id, user.extension, `${user.extension}-${mac}`, tenant, secret);
}

function line(
  mac: Mac,
  userId: string | null,
  endpoint: string,
  authName: string,
  tenant: Tenant,
  secret: Secret,
): NewLine {
  const md5 = md5Credential(authName, tenant.realm, secret);
  return { mac, slot: 1, userId, endpoint, authName, secret, md5Credential: md5, contact: null };
}
