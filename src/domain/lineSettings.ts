import { DIALABLE } from './dialable.ts';
import { choice, flag, hostPort, optional, some, text, whole, type HostPort } from './settingKinds.ts';
import type { SettingsOf } from './settings.ts';

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
}

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
};

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
};

/** A default line: ten minutes show early that a phone is gone. */
export const PLAIN_DEFAULT_LINE: LineSettings = { ...PLAIN_LINE, context: 'selfprov-default-line', expiry: 600 };
