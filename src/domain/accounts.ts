import { createHash } from 'node:crypto';
import { otherAuthName, userAuthName } from './accountNames.ts';
import { freeSlot, type Adoption } from './adoption.ts';
import type { Line } from './device.ts';
import { SelfprovError } from './errors.ts';
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

/**
 * The line of a user on this device: the endpoint is the user's, the credential is the device's own where it can be. `others`:
 * the lines that the user has. Throws `conflict` with reason `phone_limit` when an adopted user's endpoint has no slot left.
 */
export function userLine(
  mac: Mac,
  slot: number,
  user: User,
  tenant: Tenant,
  credentials: Credentials,
  others: readonly Pick<Line, 'authId' | 'former'>[] = [],
): NewLine {
  const { endpoint, adoption, extension } = user;
  const own = line(mac, slot, user.id, endpoint, userAuthName(endpoint, mac), tenant, credentials);
  if (adoption === null) return own;
  if (adoption.kind === 'password') return { ...own, ...shared(own, adoption) };
  const authId = freeSlot(endpoint, adoption.slots, others);
  if (authId !== undefined) return { ...own, authId };
  throw new SelfprovError('conflict', slotsTaken(extension, adoption.slots), { reason: 'phone_limit' });
}

function slotsTaken(extension: string, slots: number): string {
  return `extension ${extension} was adopted with room for ${slots} phones, and has them: selfprov user adopt ${extension} --slots ${slots + 1}`;
}

/** What a line has of a user's whose phones all have one password. */
export function shared(
  { authName, realm }: Pick<Line, 'authName' | 'realm'>,
  { authName: authUser, password: secret }: Extract<Adoption, { kind: 'password' }>,
): Pick<Line, 'authId' | 'authUser' | 'secret' | 'realm' | 'md5Credential' | 'former'> {
  const credential = credentialIn({ realm }, { authName, authUser, secret });
  return { authId: null, authUser, secret, ...credential, former: null };
}

/** What changes in a line that gets another password, or why it cannot: a phone of a user's, whose lines all are `others`. */
export function rotated(
  line: Line,
  { endpoint, adoption, extension }: Pick<User, 'endpoint' | 'adoption' | 'extension'>,
  { secret, now }: Pick<Credentials, 'secret' | 'now'>,
  others: readonly Pick<Line, 'authId' | 'former'>[],
): Pick<Line, 'authName' | 'authId' | 'secret' | 'md5Credential' | 'former'> | string {
  const { authName: before, authId: idBefore, md5Credential, realm } = line;
  if (adoption?.kind === 'password' || idBefore === null)
    return `extension ${extension} was adopted with one password for all of its phones, which is yours: change it in your files, then selfprov user adopt ${extension} --sip-user … --sip-password …`;
  const authName = otherAuthName(endpoint, line.mac, before);
  const authId = adoption === null ? authName : freeSlot(endpoint, adoption.slots, others);
  if (authId === undefined) return slotsTaken(extension, adoption?.slots ?? 0);
  return {
    ...{ authName, authId, secret },
    md5Credential: credentialIn({ realm }, { authName, authUser: null, secret }).md5Credential,
    former: {
      ...{ authName: before, authId: idBefore, md5Credential },
      ...{ since: now, fetchedAt: null, seenThen: null, withdrawnAt: null },
      ...{ strangeRefusals: 0, strangeReturns: 0 },
    },
  };
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
    authId: authName,
    authUser: null,
    number: null,
    secret,
    ...credentialIn(tenant, { authName, authUser: null, secret }),
    former: null,
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
  { realm }: Pick<Tenant, 'realm'>,
  { authName, authUser, secret }: Pick<Line, 'authName' | 'authUser' | 'secret'>,
): Pick<Line, 'realm' | 'md5Credential'> {
  // RFC 2617 section 3.2.2.2: the only form of a secret that Asterisk is told.
  const md5Credential = createHash('md5')
    .update(`${authUser ?? authName}:${realm}:${secret.reveal()}`)
    .digest('hex');
  return { realm, md5Credential };
}
