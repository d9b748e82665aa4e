import type { Secret } from './secret.ts';

export type Transport = 'udp' | 'tcp' | 'tls';

/** What a line is like, wherever that comes from. */
export interface LineSettings {
  /** Asterisk's names, best first: `g722`, `alaw`, `ulaw`, `opus` … */
  readonly codecs: readonly string[];
  readonly transport: Transport;
  readonly srtp: boolean;
  /** Seconds that the phone asks its registration to last. */
  readonly expiry: number;
  readonly voicemailNumber: string | null;
}

/** Settings of a line, applied when it is given to a user. */
export interface LineTemplate extends Omit<LineSettings, 'transport'> {
  readonly id: string;
  readonly tenantId: string;
  readonly name: string;
  /** Dialplan context that the user's calls start in. */
  readonly context: string;
  /** `null`: what the SIP server is reached by. */
  readonly transport: Transport | null;
}

/** Settings of a phone. */
export interface DeviceTemplate {
  readonly id: string;
  readonly tenantId: string;
  readonly name: string;
  /** BCP 47, for example `en` or `pt-BR`. */
  readonly language: string;
  /** IANA name, for example `Europe/Berlin`. */
  readonly timeZone: string;
  readonly ntpServer: string | null;
  /** Password of the phone's own web page; `null` leaves the maker's. */
  readonly webPassword: Secret | null;
}

/**
 * Every default line: codecs that each phone and each Asterisk has; ten minutes show early that a phone is gone. The
 * view `ps_endpoints` offers the same codecs.
 */
export const DEFAULT_LINE: Omit<LineSettings, 'transport'> = {
  codecs: ['g722', 'alaw', 'ulaw'],
  srtp: false,
  expiry: 600,
  voicemailNumber: null,
};
