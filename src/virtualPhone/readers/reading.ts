/** One line (SIP account) as a phone finds it in its files. Line numbers start at 1. */
export interface LineReading {
  readonly line: number;
  readonly label: string;
  readonly displayName: string;
  /** The user part of the address of record. */
  readonly user: string;
  readonly authUser: string;
  readonly password: string;
  readonly host: string;
  readonly port: number;
  readonly transport: 'udp' | 'tcp' | 'tls' | 'dns';
  /** Seconds. */
  readonly expires: number;
  /** `host:port`. */
  readonly outboundProxy?: string;
  readonly srtp: 'off' | 'offered' | 'required';
  readonly voicemail?: string;
  /** Called by itself when the telephone is lifted and nothing is dialled for so many seconds. */
  readonly whenLifted?: { readonly calls: string; readonly after: number };
}

/** One programmable key. Positions start at 1, whatever the file's own counting. */
export interface KeyReading {
  readonly position: number;
  /** `line`, `speed dial`, `blf`, `park`, `transfer`, `voicemail`; else the phone's own word. Free keys are not read. */
  readonly kind: string;
  /** The number alone; empty where the kind has none. */
  readonly value: string;
  readonly label: string;
}

/** What a phone knows after reading its files. */
export interface PhoneReading {
  readonly lines: readonly LineReading[];
  readonly keys: readonly KeyReading[];
  /** Where it fetches from the next time. */
  readonly deliveryUrl?: string;
  /** Where it gets the certificate of an authority that it shall trust. */
  readonly authorityUrl?: string;
  /** The same, where it stands in the file itself: PEM. */
  readonly authority?: string;
}

/** The settings of one file under the family's own names. A phone lays each file that it fetches over what it had. */
export type Settings = ReadonlyMap<string, string>;

/** How a family's files are read. Shares no code with what writes them. */
export interface Reader {
  /** Throws when a phone of the family would refuse the file. */
  parse(file: string): Settings;
  read(settings: Settings): PhoneReading;
}
