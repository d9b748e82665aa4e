import { authIdsOf, type Line } from './device.ts';
import type { LineSettings } from './lineSettings.ts';
import { contextsOf, type Tenant } from './tenant.ts';
import type { User, UserProfile } from './user.ts';

/** What Asterisk is told of an endpoint and its AOR, which have one name. */
export interface Account {
  readonly id: string;
  /** Names of its credentials, separated by commas. */
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
  /** Attributes of the endpoint by Asterisk's names; one that is missing is as Asterisk has it. */
  readonly options: Readonly<Record<string, string>>;
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
    options: optionsOf(settings),
  };
}

/**
 * There is room for two registrations of each phone: one that restarts may come back from another port before its old one
 * has run out, and Asterisk would drop another phone of the same user. What an administrator gives counts beyond the limit.
 */
export function userAccount(user: User, profile: UserProfile, lines: readonly Line[], settings: LineSettings): Account {
  return {
    id: user.endpoint,
    auths: lines.flatMap(authIdsOf).join(','),
    ...ofSettings(settings),
    callerId: `"${displayName(user.name)}" <${user.extension}>`,
    mailboxes: settings.mailbox?.replaceAll('{extension}', user.extension) ?? '',
    isUsers: 'yes',
    mostContacts: Math.max(profile.phoneLimit, lines.length) * 2,
    longestExpiry: LONGEST_EXPIRY,
    options: { ...optionsOf(settings), ...usersOptionsOf(settings) },
  };
}

/** Of every line. */
function optionsOf({ dtmf, asteriskTransport, callLanguage, musicClass, accountCode }: LineSettings) {
  return given({
    dtmf_mode: dtmf,
    transport: asteriskTransport,
    language: callLanguage,
    moh_suggest: musicClass,
    accountcode: accountCode,
  });
}

/** A line that is nobody's picks up no calls, and sees no lamps. */
function usersOptionsOf(settings: LineSettings) {
  const { callGroup, pickupGroup, namedCallGroup, namedPickupGroup } = settings;
  return given({
    subscribe_context: settings.subscribeContext,
    call_group: callGroup.join(','),
    pickup_group: pickupGroup.join(','),
    named_call_group: namedCallGroup.join(','),
    named_pickup_group: namedPickupGroup.join(','),
    set_var: settings.variables.join(';'),
    device_state_busy_at: settings.busyAt,
  });
}

function given(options: Readonly<Record<string, string | number | null>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(options).flatMap(([name, value]) => (value === null || value === '' ? [] : [[name, String(value)]])),
  );
}

function ofSettings({ context, codecs, srtp, expiry }: LineSettings) {
  return { context, codecs: codecs.join(','), encryption: srtp ? 'sdes' : 'no', expiry } as const;
}

/** Quotes, semicolons and backslashes have a meaning in Asterisk's caller ID and in realtime values. */
function displayName(name: string): string {
  return name.replaceAll('"', "'").replaceAll(';', ',').replaceAll('\\', '/');
}
