import { BlockList, isIP } from 'node:net';
import { choice, flag, list, optional, refuse, some, text } from './settingKinds.ts';
import type { Setting, SettingsOf } from './settings.ts';

/** What a caller keys who is an administrator, before the code. */
export const ADMINISTRATORS_KEY = '0';

/** Numbers of default lines, both ends included; all have as many digits. */
export interface NumberRange {
  readonly from: string;
  readonly to: string;
}

/** Who may take which phone, and what a caller hears. */
export interface Policy {
  /** Whether users may set up phones by a call; profile and user have switches of their own. */
  readonly selfProvisioning: boolean;
  /** Whether phones that were never seen are given a default line. */
  readonly enrolment: boolean;
  /** Whether calls to the tenant's own extensions are answered. */
  readonly ivr: boolean;
  /** Who must prove what: nobody (whoever keys an extension gets it), users, or users or an administrator for them. */
  readonly authentication: 'none' | 'users' | 'users_and_administrators';
  readonly identifyBy: 'extension' | 'user_id' | 'provisioning_id';
  /** Whether a phone of one user can be given to another by a call, with the secret of the one who has it. */
  readonly takeOver: 'refuse' | 'allow';
  /** What an assigned phone gets that shows no proof: it was reset, or is somebody else. */
  readonly factoryReset: 'refuse' | 'default_line';
  /** Folders of prompts that callers hear, the first one first. */
  readonly prompts: readonly string[];
  /** Another folder of them than the installation's, as Asterisk sees it. */
  readonly sounds: string | null;
  readonly defaultNumbers: NumberRange | null;
  /** What is proof enough for a device that an administrator has given to a user before it was ever there. */
  readonly inventoryProof: readonly ('serial' | 'network')[];
  /** Of `inventoryProof`. */
  readonly trustedNetworks: readonly string[];
  /** When all log off who have borrowed a phone, in the tenant's time zone: `18:00`. */
  readonly hotDeskEnds: string | null;
}

const network: Setting<string> = {
  about: 'networks in which a MAC is proof enough',
  placeholder: '10.0.0.0/8',
  read(given) {
    const [address = '', prefix = ''] = given.trim().split('/');
    const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
    const isGood = /^\d{1,3}$/.test(prefix) && Number(prefix) <= most;
    return isGood ? given.trim() : refuse(`${JSON.stringify(given)} is not a network like 10.0.0.0/8 or fd00::/8`);
  },
  show: (value) => value,
};

const MOST_NUMBERS = 10_000;

const numberRange: Setting<NumberRange> = {
  about: 'numbers of phones that are nobody’s, so that they can be called back',
  placeholder: '9000-9099',
  read(given) {
    const [, from = '', to = ''] = /^\s*(\d{1,9})\s*-\s*(\d{1,9})\s*$/.exec(given) ?? [];
    const size = Number(to) - Number(from) + 1;
    const isGood = from !== '' && from.length === to.length && size >= 1 && size <= MOST_NUMBERS;
    return isGood
      ? { from, to }
      : refuse(`${JSON.stringify(given)} is not a range of up to ${MOST_NUMBERS} numbers like 9000-9099`);
  },
  show: ({ from, to }) => `${from}-${to}`,
};

export function isInRange(number: string, range: NumberRange | null): boolean {
  if (range === null || !/^\d+$/.test(number)) return false;
  return number.length === range.from.length && number >= range.from && number <= range.to;
}

/** Every setting of a tenant's policy: the only list of them. */
export const POLICY_SETTINGS: SettingsOf<Policy> = {
  selfProvisioning: flag('users may set up phones by a call'),
  enrolment: flag('new phones are given a default line'),
  ivr: flag('calls to the self-provisioning extensions are answered'),
  authentication: choice('who must prove what before a phone is theirs', ['none', 'users', 'users_and_administrators']),
  identifyBy: choice('what callers key to say who they are', ['extension', 'user_id', 'provisioning_id']),
  takeOver: choice('a phone of one user, called from by another', ['refuse', 'allow']),
  factoryReset: choice('an assigned phone that was reset', ['refuse', 'default_line']),
  prompts: some(
    text('languages that callers hear, first one first', 'en', /^[a-z]{2,3}(?:_[A-Z]{2})?$/, 'a folder of sounds/'),
  ),
  sounds: optional(text('another folder of prompts', 'path', /^\/[\w./-]{1,200}$/, 'an absolute path'), 'installation'),
  defaultNumbers: optional(numberRange, 'none'),
  inventoryProof: list(choice('proof of a device that was given to a user before it came', ['serial', 'network'])),
  trustedNetworks: list(network),
  hotDeskEnds: optional(
    text('when borrowed phones are logged off', 'hh:mm', /^(?:[01]\d|2[0-3]):[0-5]\d$/, 'a time like 18:00'),
    'never',
  ),
};

/** What holds when nobody says anything. */
export const PLAIN_POLICY: Policy = {
  selfProvisioning: true,
  enrolment: true,
  ivr: true,
  authentication: 'users',
  identifyBy: 'extension',
  takeOver: 'refuse',
  factoryReset: 'refuse',
  prompts: ['en'],
  sounds: null,
  defaultNumbers: null,
  inventoryProof: [],
  trustedNetworks: [],
  hotDeskEnds: null,
};

/** Whether an address is in one of these networks (`10.0.0.0/8`). */
export function isInNetworks(address: string, networks: readonly string[]): boolean {
  const family = isIP(address);
  if (family === 0) return false;
  const all = new BlockList();
  for (const each of networks) {
    const [base = '', prefix = ''] = each.split('/');
    all.addSubnet(base, Number(prefix), isIP(base) === 4 ? 'ipv4' : 'ipv6');
  }
  return all.check(address, family === 4 ? 'ipv4' : 'ipv6');
}
