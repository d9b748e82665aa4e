import type { Model } from '../../../src/phones/family/models.ts';
import type { DeviceReading } from './deviceReading.ts';
import type { LineReading } from '../../../src/virtualPhone/readers/reading.ts';

/** What becomes of a text on purpose, in this order. */
export interface TextLimits {
  /** These become a space; must be global. */
  readonly not?: RegExp;
  readonly trimmed?: true;
  /** Whole texts that mean another: Yealink's `%NULL%` is nothing. */
  readonly means?: ReadonlyMap<string, string>;
}

/** How far a family's files can say what a line and a key are. All that is not named here comes out as it went in. */
export interface Limits {
  readonly displayName?: TextLimits;
  /** Of keys that are not line keys. */
  readonly keyLabel?: TextLimits;
  /** Parts of a line that the files do not say; a reader may give anything there. */
  readonly unsaid?: readonly (keyof LineReading)[];
  /** As `unsaid`, when an outbound proxy is set. */
  readonly unsaidWithProxy?: readonly (keyof LineReading)[];
  /** Kinds of keys whose value is not said. */
  readonly unvaluedKinds?: readonly string[];
  /** What the reader takes a kind of key for, where the phone has no kind of its own for it. */
  readonly keyKinds?: Readonly<Record<string, string>>;
  /** All lines of a phone use the first one's transport (and so its port). */
  readonly oneTransport?: true;
  /** What a line template that asks for SRTP comes to. */
  readonly srtp?: LineReading['srtp'];
  /** Models with ports for telephones that have no display: a default line calls by itself. */
  readonly callsWhenLifted?: (model: Model) => boolean;
  /** Seconds that an expiry is a multiple of. */
  readonly expiryStep?: number;
  /** What a phone is like that no file can say, each with the sentence of the family's `left_out` that tells why. */
  readonly deviceUnsaid?: Readonly<Partial<Record<keyof DeviceReading, string>>>;
  /** The sentence of `left_out` that tells why no dial rules can be said. */
  readonly dialUnsaid?: string;
  /** Orders of a date that no file can say, with that sentence. */
  readonly datesUnsaid?: Readonly<Partial<Record<'dmy' | 'mdy' | 'ymd', string>>>;
  /** A file is all that a phone knows: what it does not say is gone. Others lay a file over what they have. */
  readonly replaces?: true;
}

const YEALINK_NOTHING = new Map([['%NULL%', '']]);

/** Where a sign would end the text, as a `;` does inside `fnc=sd;nme=…`. */
const PLAIN_WORDS: TextLimits = { not: /[^\p{L}\p{M}\p{N}._-]+/gu, trimmed: true };

const MOBILE = "Time zone, time server, language and web password, which are the mobile's or do not exist.";
const COMPUTER = "Time zone, time server, language and web password, which are the computer's or do not exist.";
const MOBILE_TOO =
  "The hours of the clock, the order of a date, dial rules and firmware, which are the mobile's or do not exist.";
const COMPUTER_TOO =
  "The hours of the clock, the order of a date, dial rules and firmware, which are the computer's or do not exist.";
const YEAR_LAST = 'A date that begins with the year; the phone shows it in its own order then.';
const ALCATEL = 'The hours of the clock, the order of a date and dial rules, whose values we found in no document.';
const AUDIOCODES =
  'The hours of the clock, a date that begins with the year, dial rules and firmware, whose settings we found in no document.';
const AVAYA =
  'Firmware of one user or device; the file that names it holds nothing of a device. Dial rules of any length.';
const HANDSET = 'The hours of the clock, the order of a date and dial rules; a handset has its own.';
const DIGIUM = 'The hours of the clock and the order of a date, which follow the language.';
const PANASONIC = 'The hours of the clock and the order of a date, whose settings we found in no document.';
const SNOM_DECT =
  'The hours of the clock, the order of a date, dial rules and firmware, whose settings we found in no document.';
const GRP =
  'The hours of the clock, the order of a date and firmware, whose settings have names that we found in no document.';
const GIGASET = 'Codecs, the language and fetching at intervals, whose settings we found in no document.';
const DICTIONARY = 'Language, which needs a dictionary file of the maker.';

const CLOCKLESS = 'A clock and a date, which an adapter does not show.';

/** A telephone without a display. */
const ADAPTER: Limits = {
  dialUnsaid: 'Dial rules, whose P values we found in no document.',
  callsWhenLifted: () => true,
  expiryStep: 60,
  unsaid: ['label', 'voicemail'],
  deviceUnsaid: {
    clock: CLOCKLESS,
    dateFormat: CLOCKLESS,
    language:
      'Keys, labels, the voicemail number and the language of voice prompts. An adapter has no display; a telephone on an unassigned one calls the self-provisioning extension when it is lifted and nothing is dialled for five seconds.',
  },
};

/** By family; most need no entry. */
export const limits: Readonly<Record<string, Limits>> = {
  // The app may also call without encryption: no document has a word for "must".
  acrobits: {
    dialUnsaid: MOBILE_TOO,
    srtp: 'offered',
    deviceUnsaid: {
      clock: MOBILE_TOO,
      dateFormat: MOBILE_TOO,
      firmware: MOBILE_TOO,
      timeZone: MOBILE,
      ntpServer: MOBILE,
      language: MOBILE,
      webPassword: MOBILE,
    },
  },
  alcatel: {
    dialUnsaid: ALCATEL,
    keyKinds: { voicemail: 'speed dial' },
    deviceUnsaid: { clock: ALCATEL, dateFormat: ALCATEL, refresh: 'Fetching at intervals, for the same reason.' },
  },
  audiocodes: {
    dialUnsaid: AUDIOCODES,
    datesUnsaid: { ymd: AUDIOCODES },
    deviceUnsaid: {
      clock: AUDIOCODES,
      firmware: AUDIOCODES,
      webPassword: 'The password of the web page, which must be given as a hash.',
    },
    oneTransport: true,
    // One mailbox for the phone, and no word for an expiry.
    unsaid: ['expires', 'voicemail'],
  },
  'avaya-j100': {
    deviceUnsaid: {
      firmware: AVAYA,
      language: 'The language, which is a file that differs from model to model.',
      refresh: 'Fetching at intervals of its own; the phone fetches when it starts and when it is told to.',
    },
    // What is in no file any more goes back to its default, the maker says.
    replaces: true,
    keyLabel: PLAIN_WORDS,
    unsaid: ['label'],
    // The proxy takes the only place for a port.
    unsaidWithProxy: ['port'],
    keyKinds: { voicemail: 'speed dial' },
  },
  // The file names all handsets; the others are deleted.
  gigaset: {
    dialUnsaid: HANDSET,
    replaces: true,
    deviceUnsaid: { clock: HANDSET, dateFormat: HANDSET, language: GIGASET, refresh: GIGASET },
  },
  'gigaset-maxwell': {
    dialUnsaid: 'Dial rules, whose settings we found in no document.',
    datesUnsaid: { ymd: YEAR_LAST },
    oneTransport: true,
    // Encryption is for the phone; no word for an expiry.
    unsaid: ['expires', 'srtp'],
  },
  'gigaset-p': {
    datesUnsaid: { ymd: YEAR_LAST },
    deviceUnsaid: {
      firmware: 'Firmware, which needs a list of its own beside this file, and dial rules of any length.',
    },
    unsaidWithProxy: ['port'],
    srtp: 'offered',
    keyKinds: { voicemail: 'speed dial' },
  },
  linphone: {
    dialUnsaid: COMPUTER_TOO,
    unsaid: ['label', 'voicemail'],
    deviceUnsaid: {
      clock: COMPUTER_TOO,
      dateFormat: COMPUTER_TOO,
      firmware: COMPUTER_TOO,
      timeZone: COMPUTER,
      ntpServer: COMPUTER,
      language: COMPUTER,
      webPassword: COMPUTER,
      refresh: 'A period of fetching; it fetches at every start.',
    },
  },
  enterprise: {
    dialUnsaid: 'Dial rules of one user or device; the dial plan is one file for all phones.',
    deviceUnsaid: {
      firmware: 'Firmware; a wrong name in loadInformation makes a phone download for ever.',
      language: 'Language, which needs files of the maker.',
      refresh: 'Fetching by itself at intervals; it fetches when it starts and when it is told.',
    },
    // One document is the whole configuration (`fullConfig`); a button that it does not name has no function.
    replaces: true,
    // One for the phone: the first line's.
    unsaid: ['expires'],
    oneTransport: true,
    keyKinds: { voicemail: 'speed dial' },
  },
  fanvil: {
    dialUnsaid: 'Dial rules, whose settings we found in no document.',
    // The title of the display is the first line's; the others are labelled on their keys.
    unsaid: ['label'],
    // Its own message key, which calls the number of the line.
    unvaluedKinds: ['voicemail'],
  },
  'digium-d': {
    deviceUnsaid: { clock: DIGIUM, dateFormat: DIGIUM, refresh: 'Fetching by itself at intervals.' },
    // Before the number, between the same angle brackets as in an address.
    displayName: PLAIN_WORDS,
    keyKinds: { voicemail: 'speed dial', park: 'blf' },
  },
  'grandstream-grp': { deviceUnsaid: { clock: GRP, dateFormat: GRP, firmware: GRP }, expiryStep: 60 },
  'grandstream-ht': ADAPTER,
  'grandstream-ht81x': ADAPTER,
  grandstream: { expiryStep: 60 },
  htek: { expiryStep: 60 },
  mitel: { oneTransport: true, keyKinds: { voicemail: 'speed dial' } },
  mpp: {
    callsWhenLifted: ({ quirks }) => quirks['is_adapter'] === true,
    datesUnsaid: { ymd: YEAR_LAST },
    deviceUnsaid: { language: DICTIONARY },
    keyLabel: PLAIN_WORDS,
    // On the keys of the lines; one mailbox for the phone.
    unsaid: ['label', 'voicemail'],
    keyKinds: { voicemail: 'speed dial' },
  },
  panasonic: {
    deviceUnsaid: {
      clock: PANASONIC,
      dateFormat: PANASONIC,
      webPassword: 'The password of the web page, whose names and rules differ from series to series.',
    },
    // On the keys of the lines.
    unsaid: ['label'],
    keyKinds: { voicemail: 'speed dial' },
  },
  poly: {
    datesUnsaid: { ymd: YEAR_LAST },
    deviceUnsaid: { firmware: 'Firmware of one user or device; the file that names it holds nothing of a device.' },
    // A key that dials the number of the mailbox.
    keyKinds: { voicemail: 'speed dial' },
  },
  'sangoma-s': { expiryStep: 60 },
  spa: {
    callsWhenLifted: ({ quirks }) => quirks['is_adapter'] === true,
    datesUnsaid: { ymd: YEAR_LAST },
    deviceUnsaid: { language: DICTIONARY },
    keyLabel: PLAIN_WORDS,
    // As of multiplatform phones; and SRTP for the phone, not at all on adapters.
    unsaid: ['label', 'voicemail', 'srtp'],
    keyKinds: { voicemail: 'speed dial' },
  },
  snom: {
    datesUnsaid: { ymd: YEAR_LAST },
    // The proxy takes the only place for a port.
    unsaidWithProxy: ['port'],
  },
  'snom-dect': {
    dialUnsaid: SNOM_DECT,
    deviceUnsaid: {
      clock: SNOM_DECT,
      dateFormat: SNOM_DECT,
      firmware: SNOM_DECT,
      refresh: 'Looking for changes at intervals; a base fetches when it starts and when it is told to.',
    },
  },
  'yealink-dect': {
    dialUnsaid: 'Dial rules; a handset sends a number as a whole.',
    displayName: { trimmed: true, means: YEALINK_NOTHING },
  },
  yealink: {
    displayName: { trimmed: true, means: YEALINK_NOTHING },
    keyLabel: { trimmed: true, means: YEALINK_NOTHING },
  },
};
