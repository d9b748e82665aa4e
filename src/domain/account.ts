import type { Line } from './device.ts';
import type { LineSettings } from './lineSettings.ts';
import { contextsOf, type Tenant } from './tenant.ts';
import type { User, UserProfile } from './user.ts';

/** What Asterisk is told of an endpoint and its AOR, which have one name. */
export interface Account {
  readonly id: string;
  /** Digest user names, separated by commas. */
  readonly auths: string;
  readonly context: string;
  readonly codecs: string;
  readonly encryption: 'no' | 'sdes';
  readonly callerId: string;
  /** Separated by commas; empty when there is none. */
  readonly mailboxes: string;
  /** May transfer and subscribe. */
  readonly isUsers: 'yes' | 'no';
  readonly mostContacts: number;
  /** Seconds: what a phone gets that does not ask, and the most that it gets. */
  readonly expiry: number;
  readonly longestExpiry: number;
}

const LONGEST_EXPIRY = 7200;

export function defaultAccount(line: Line, tenant: Tenant, settings: LineSettings): Account {
  return {
    id: line.endpoint,
    auths: line.authName,
    ...ofSettings(settings),
    context: contextsOf(tenant).defaultLine,
    callerId: `"Unassigned phone" <${line.number ?? ''}>`,
    mailboxes: '',
    isUsers: 'no',
    mostContacts: 1,
    longestExpiry: settings.expiry,
  };
}

/**
 * There is room for two registrations of each phone: one that restarts may come back from another port before its old one
 * has run out, and Asterisk would drop another phone of the same user. What an administrator gives counts beyond the limit.
 */
export function userAccount(user: User, profile: UserProfile, lines: readonly Line[], settings: LineSettings): Account {
  return {
    id: user.endpoint,
    auths: lines.map(({ authName }) => authName).join(','),
    ...ofSettings(settings),
    callerId: `"${displayName(user.name)}" <${user.extension}>`,
    mailboxes: settings.mailbox?.replaceAll('{extension}', user.extension) ?? '',
    isUsers: 'yes',
    mostContacts: Math.max(profile.phoneLimit, lines.length) * 2,
    longestExpiry: LONGEST_EXPIRY,
  };
}

function ofSettings({ context, codecs, srtp, expiry }: LineSettings) {
  return { context, codecs: codecs.join(','), encryption: srtp ? 'sdes' : 'no', expiry } as const;
}

/** Quotes, semicolons and backslashes have a meaning in Asterisk's caller ID and in realtime values. */
function displayName(name: string): string {
  return name.replaceAll('"', "'").replaceAll(';', ',').replaceAll('\\', '/');
}
