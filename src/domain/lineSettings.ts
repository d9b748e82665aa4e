import { DIALABLE } from './dialable.ts';
import { choice, flag, hostPort, list, optional, some, text, whole, type HostPort } from './settingKinds.ts';
import type { Setting, SettingsOf } from './settings.ts';

export type Transport = 'udp' | 'tcp' | 'tls';

/** What a line is like. */
export interface LineSettings {
  readonly context: string;
  /** Asterisk's names, best first. */
  readonly codecs: readonly string[];
  /** `null`: what the SIP server is reached by. */
  readonly transport: Transport | null;
  readonly srtp: boolean;
  /** Seconds. */
  readonly expiry: number;
  /** `null`: the SIP server of this installation. */
  readonly sipServer: HostPort | null;
  /** `null`: the one of this installation, if there is one. */
  readonly outboundProxy: HostPort | null;
  readonly voicemail: string | null;
  /** `{extension}` in it stands for the user's. */
  readonly mailbox: string | null;
  readonly label: 'extension' | 'name' | 'both';
  /** Dialled before a number that rings; `null`: a lamp that rings is only seen. */
  readonly pickupCode: string | null;
  /** The others are for Asterisk alone: what it does by itself where they are `null` or empty. */
  readonly dtmf: (typeof DTMF_MODES)[number];
  readonly asteriskTransport: string | null;
  readonly subscribeContext: string | null;
  /** Of numbers from 0 to 63. */
  readonly callGroup: readonly string[];
  readonly pickupGroup: readonly string[];
  /** Of names. */
  readonly namedCallGroup: readonly string[];
  readonly namedPickupGroup: readonly string[];
  readonly musicClass: string | null;
  readonly callLanguage: string | null;
  readonly accountCode: string | null;
  /** `NAME=value` */
  readonly variables: readonly string[];
  /** So many calls make it busy for whoever looks. */
  readonly busyAt: number | null;
}

export const DTMF_MODES = ['rfc4733', 'inband', 'info', 'auto', 'auto_info'] as const;

/** Those that Asterisk 22 has a translator or a pass-through for, and that phones can be told of. */
export const CODECS = [
  'g722',
  'alaw',
  'ulaw',
  'opus',
  'g729',
  'g726',
  'gsm',
  'ilbc',
  'g723',
  'siren7',
  'siren14',
] as const;

/** Every setting of a line: the only list of them. */
export const LINE_SETTINGS: SettingsOf<LineSettings> = {
  context: text('dialplan context that its calls start in', 'name', /^[\w-]{1,79}$/, 'the name of a context'),
  codecs: some(choice('codecs, best first', CODECS)),
  transport: optional(choice('transport of SIP', ['udp', 'tcp', 'tls']), 'server'),
  srtp: flag('encrypted media, and SIP over TLS with it'),
  expiry: whole('how long a registration lasts', 'seconds', 60, 7200),
  sipServer: optional(hostPort('where the phone registers'), 'server'),
  outboundProxy: optional(hostPort('where the phone sends its requests'), 'server'),
  voicemail: optional(text('number of the message key', 'number', DIALABLE, 'a number that can be dialled'), 'none'),
  mailbox: optional(
    text(
      'whose waiting messages the lamp shows',
      '{extension}@context',
      /^[\w{}.-]{1,79}@[\w.-]{1,79}$/,
      'a mailbox@context',
    ),
    'none',
  ),
  label: choice('what the phone shows beside the line', ['extension', 'name', 'both']),
  pickupCode: optional(
    text(
      'dialled before the number of a key whose lamp rings, to pick its call up',
      'code',
      DIALABLE,
      'digits, * and #',
    ),
    'none',
  ),
  dtmf: choice('how keys are sent in a call (Asterisk: dtmf_mode)', DTMF_MODES),
  asteriskTransport: optional(named('transport of Asterisk that it uses', 'a transport'), 'any'),
  subscribeContext: optional(named('context of its lamps (subscribe_context)', 'the name of a context'), 'none'),
  callGroup: list(groupNumber('groups whose members may pick up its calls (call_group)')),
  pickupGroup: list(groupNumber('groups whose calls it may pick up (pickup_group)')),
  namedCallGroup: list(named('the same as --call-group, by name', 'the name of a group')),
  namedPickupGroup: list(named('the same as --pickup-group, by name', 'the name of a group')),
  musicClass: optional(named('music that others hear on hold (moh_suggest)', 'a class of music on hold'), 'none'),
  callLanguage: optional(
    text('of what Asterisk says in its calls', 'language', /^[A-Za-z]{2,3}(?:[_-]\w{2,16}){0,3}$/, 'a language'),
    'none',
  ),
  accountCode: optional(text('in the records of its calls', 'code', /^[\w.@+-]{1,80}$/, 'an account code'), 'none'),
  variables: list(
    text('channel variables of its calls (set_var)', 'NAME=value', /^\w{1,64}=[^\p{Cc},;"\\]{0,200}$/u, 'NAME=value'),
  ),
  busyAt: optional(whole('how many calls make it busy (device_state_busy_at)', 'calls', 1, 1000), 'none'),
};

function named(about: string, what: string): Setting<string> {
  return text(about, 'name', /^[\w.-]{1,79}$/, what);
}

function groupNumber(about: string): Setting<string> {
  return text(about, '0-63', /^(?:\d|[1-5]\d|6[0-3])$/, 'a number from 0 to 63');
}

/** What a line is like when nobody says anything. */
export const PLAIN_LINE: LineSettings = {
  context: 'users',
  codecs: ['g722', 'alaw', 'ulaw'],
  transport: null,
  srtp: false,
  expiry: 3600,
  sipServer: null,
  outboundProxy: null,
  voicemail: null,
  mailbox: null,
  label: 'extension',
  pickupCode: null,
  dtmf: 'rfc4733',
  asteriskTransport: null,
  subscribeContext: null,
  callGroup: [],
  pickupGroup: [],
  namedCallGroup: [],
  namedPickupGroup: [],
  musicClass: null,
  callLanguage: null,
  accountCode: null,
  variables: [],
  busyAt: null,
};

/** A default line: ten minutes show early that a phone is gone. */
export const PLAIN_DEFAULT_LINE: LineSettings = { ...PLAIN_LINE, context: 'selfprov-default-line', expiry: 600 };
