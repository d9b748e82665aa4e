import { DIALABLE } from './dialable.ts';
import { dialRule, type DialRule } from './dialRules.ts';
import { firmware, type Firmware } from './firmware.ts';
import type { Secret } from './secret.ts';
import { choice, list, optional, refuse, secretText, text, whole } from './settingKinds.ts';
import type { Setting, SettingsOf } from './settings.ts';

export const KEY_KINDS = ['line', 'blf', 'speed_dial', 'park', 'transfer', 'voicemail', 'self_provisioning'] as const;
export type KeyKind = (typeof KEY_KINDS)[number];

/** What a key beside a phone's display does. */
export interface Key {
  readonly kind: KeyKind;
  readonly label: string;
  /** The number; `null` where the kind needs none. */
  readonly value: string | null;
  /** The slot of the line that it uses. */
  readonly line: number;
}

export const DATE_FORMATS = ['dmy', 'mdy', 'ymd'] as const;
export const USER_TYPES = ['standard', 'hot_desk'] as const;

/** What a phone is like. */
export interface DeviceSettings {
  /** BCP 47. */
  readonly language: string;
  /** IANA name. */
  readonly timeZone: string;
  readonly ntpServer: string | null;
  /** Hours of its clock. */
  readonly clock: '12' | '24';
  /** The order of day, month and year. */
  readonly dateFormat: (typeof DATE_FORMATS)[number];
  /** `null` leaves the maker's. */
  readonly webPassword: Secret | null;
  /** `null`: as this installation has it. */
  readonly refreshHours: number | null;
  /** In the order of the phone's keys, after the line keys unless one of them is a line key. */
  readonly keys: readonly Key[];
  /** None: a number is dialled after a pause, as the phone has it. */
  readonly dialRules: readonly DialRule[];
  /** None: a phone keeps what it has. */
  readonly firmware: readonly Firmware[];
  /** Whether the phone stays with its user, or is anybody's for a day. */
  readonly userType: (typeof USER_TYPES)[number];
}

/** `kind[:number[:label[:line]]]`; a colon or a semicolon in a label is written `\:`, `\;`. */
export const KEY: Setting<Key> = {
  about: 'keys beside the display',
  placeholder: 'kind:number:label[:line]',
  read(given) {
    const [kindText = '', value = '', label = '', line = '1'] = given.split(/(?<!\\):/).map((part) => part.trim());
    const kind = KEY_KINDS.find((each) => each === kindText.toLowerCase());
    if (kind === undefined)
      return refuse(`${JSON.stringify(kindText)} is no kind of key; there are: ${KEY_KINDS.join(', ')}`);
    const needsNumber = kind === 'blf' || kind === 'speed_dial';
    if (value === '' ? needsNumber : !DIALABLE.test(value))
      return refuse(`a key ${kind} needs a number that can be dialled`);
    if (!/^[1-9]\d?$/.test(line)) return refuse(`${JSON.stringify(line)} is not the number of a line`);
    const shown = label.replaceAll(/\\([:;])/g, '$1');
    return { kind, value: value === '' ? null : value, label: shown === '' ? value : shown, line: Number(line) };
  },
  show: ({ kind, value, label, line }) => [kind, value ?? '', escaped(label), ...(line === 1 ? [] : [line])].join(':'),
};

function escaped(text: string): string {
  return text.replaceAll(/[:;]/g, String.raw`\$&`);
}

/** What was typed of one key as `KEY` and the list of keys read it, whatever it is. */
export function keyText(parts: readonly string[]): string {
  return parts.map(escaped).join(':');
}

const timeZone: Setting<string> = {
  about: 'time zone',
  placeholder: 'IANA name',
  read(given) {
    try {
      return new Intl.DateTimeFormat('en', { timeZone: given.trim() }).resolvedOptions().timeZone;
    } catch {
      return refuse(`${JSON.stringify(given)} is not a time zone like Europe/Berlin`);
    }
  },
  show: (value) => value,
};

const LANGUAGES = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' });

const languageTag = text(
  'of the display',
  'BCP 47 tag',
  /^[a-z]{2,3}(?:-[A-Za-z\d]{2,8}){0,2}$/,
  'a language like en or pt-BR',
);

const language: Setting<string> = {
  ...languageTag,
  read(given) {
    const tag = languageTag.read(given);
    // Most slips are countries: gr for el. A phone would stay as it is, and nobody would know why.
    const isKnown = LANGUAGES.of(tag.split('-')[0] ?? '') !== undefined;
    return isKnown ? tag : refuse(`${JSON.stringify(given)} is no language that there is, like en or pt-BR`);
  },
};

/** Every setting of a phone: the only list of them. */
export const DEVICE_SETTINGS: SettingsOf<DeviceSettings> = {
  language,
  timeZone,
  ntpServer: optional(text('time server', 'host', /^[\w.:-]{1,253}$/, 'a host'), 'none'),
  clock: choice('hours of the clock', ['12', '24']),
  dateFormat: choice('order of day, month and year', DATE_FORMATS),
  webPassword: optional(secretText('password of the phone’s own web page', 32), 'none'),
  refreshHours: optional(whole('how often the phone looks for changes', 'hours', 1, 168), 'server'),
  keys: list(KEY, ';'),
  dialRules: list(dialRule),
  firmware: list(firmware, ';'),
  userType: choice('whether a phone stays with its user', USER_TYPES),
};

/** What a phone is like when nobody says anything. */
export const PLAIN_DEVICE: DeviceSettings = {
  language: 'en',
  timeZone: 'UTC',
  ntpServer: null,
  clock: '24',
  dateFormat: 'dmy',
  webPassword: null,
  refreshHours: null,
  keys: [],
  dialRules: [],
  firmware: [],
  userType: 'standard',
};
