import type { ClockChange } from './timeZone.ts';

/**
 * What templates see. Plain data; every key is always present and `null` (or an empty list) when there is nothing to
 * say, because Mustache looks further out for a name that is missing. The names are the ones templates use.
 *
 * Only templates of `device` files may use `lines`, `profiles`, `keys`, `key_banks` and their parts, `provisioning.url`, `.address`, `.path` and
 * `.folder`, and `settings.web_password` and `.web_password_digits`.
 */
export interface View {
  readonly family: { readonly id: string; readonly vendor: string };
  readonly device: DeviceView;
  readonly model: ModelView;
  readonly settings: SettingsView;
  readonly provisioning: ProvisioningView;
  /** Whose signature the SIP server's certificate bears; `null` when no line needs it, or phones know it from their maker. */
  readonly authority: AuthorityView | null;
  readonly self_provisioning: SelfProvisioningView;
  /** Whether all of the device is nobody's yet. Which of its ports are, each line tells (`is_default`). */
  readonly is_bootstrap: boolean;
  readonly lines: readonly LineView[];
  /** Whether any of them has an outbound proxy. */
  readonly has_outbound_proxy: boolean;
  /** Settings of servers that lines name by `profile`, on phones that have few places for these (`models.defaults.profiles`). */
  readonly profiles: readonly ProfileView[];
  readonly unused_profiles: readonly SlotView[];
  /** For people: lines for whose settings there is no place left; they are in no file. */
  readonly unplaced_lines: readonly LineView[];
  /** Slots of the model without a line, to be switched off: a former user's line goes away with them. */
  readonly unused_lines: readonly SlotView[];
  /** Line keys first. */
  readonly keys: readonly KeyView[];
  readonly line_keys: readonly KeyView[];
  /** All but the line keys. */
  readonly feature_keys: readonly KeyView[];
  /** Keys to be cleared. A user's file clears only those that the bootstrap file sets; others may be the user's own. */
  readonly unused_keys: readonly SlotView[];
  /** The same by the page or the expansion module they stand on, where the model has several; `keys` has no modules. */
  readonly key_banks: readonly KeyBankView[];
  /** For people: keys that were asked for and are in no file, or only on a module. */
  readonly unplaced_keys: readonly UnplacedKeyView[];
}

export interface DeviceView {
  readonly mac: string | null;
  readonly mac_upper: string | null;
  readonly mac_colons: string | null;
  readonly mac_dashes: string | null;
  readonly firmware: string | null;
}

export interface ModelView {
  readonly name: string | null;
  /** What stands for the model in file names. */
  readonly code: string | null;
  readonly lines: number;
  readonly keys: number;
  readonly quirks: Readonly<Record<string, string | number | boolean | null>>;
}

export interface SettingsView {
  readonly language: {
    /** BCP 47 as configured. */
    readonly tag: string;
    readonly language: string;
    readonly region: string | null;
    readonly spelling: string | null;
  };
  readonly time_zone: TimeZoneView;
  readonly ntp_server: string | null;
  readonly clock: { readonly is_12: boolean; readonly is_24: boolean };
  readonly date_format: {
    readonly spelling: string | null;
    readonly is_dmy: boolean;
    readonly is_mdy: boolean;
    readonly is_ymd: boolean;
  };
  readonly dial: DialView;
  /** For this model; `null`: the phone keeps what it has. */
  readonly firmware: FirmwareView | null;
  /** `standard`, `hot_desk`. */
  readonly user_type: string;
  readonly is_hot_desk: boolean;
  readonly web_password: string | null;
  /** The same where it is digits only: some phones take no other. */
  readonly web_password_digits: string | null;
  readonly refresh: {
    /** For phones that fetch at a time of night: the days between two such nights; 0 is each night. */
    readonly days: number;
    readonly hours: number;
    readonly minutes: number;
    readonly seconds: number;
    /** A time of night, different from phone to phone, the same each time. */
    readonly at_hour: string;
    readonly at_minute: string;
  };
}

/** Which numbers the phone dials without waiting, spelled by `spelling.dial`. None of them keeps it from an emergency number. */
export interface DialView {
  readonly has_rules: boolean;
  /** All rules, and after them what any other number fits; `null` when the family has no word for a plan. */
  readonly plan: string | null;
  /** One by one. */
  readonly rules: readonly (SlotView & { readonly spelling: string })[];
}

export interface FirmwareView {
  readonly file: string;
  readonly url: string;
  /** Where the file is; ends with a slash. */
  readonly folder_url: string;
  readonly folder_address: string;
  readonly version: string | null;
}

export interface TimeZoneView {
  readonly name: string;
  readonly spelling: string | null;
  readonly offset_minutes: number;
  readonly offset_seconds: number;
  readonly offset_quarters: number;
  readonly is_west: boolean;
  /** The other sign: minutes west of Greenwich. */
  readonly west_minutes: number;
  /** `+1`, `-3:30`, `0`. */
  readonly offset_hours: string;
  /** `+01:00`. */
  readonly offset_hhmm: string;
  readonly posix: string;
  readonly posix_full: string;
  readonly has_dst: boolean;
  readonly saving_minutes: number;
  readonly saving_seconds: number;
  /** The same as hours and minutes: 1 and 0, or 0 and 30. */
  readonly saving_hour: number;
  readonly saving_minute: number;
  readonly start: ClockChangeView;
  readonly end: ClockChangeView;
}

/** All `null` without daylight saving time. */
export type ClockChangeView = { readonly [Key in keyof ClockChange]: ClockChange[Key] | null } & {
  /** Two digits. */
  readonly month_2: string | null;
  readonly hour_2: string | null;
  readonly minute_2: string | null;
};

export interface ProvisioningView {
  /** Where this device fetches its files, its token included; ends with a slash. */
  readonly url: string;
  /** The same without the scheme. */
  readonly address: string;
  /** The same without scheme, host and port; begins and ends with a slash. */
  readonly path: string;
  /** The path without the slashes around it. */
  readonly folder: string;
  /** Where any phone asks first: no token. */
  readonly open_url: string;
  readonly open_address: string;
  readonly open_path: string;
  readonly scheme: string;
  readonly is_http: boolean;
  readonly is_https: boolean;
  readonly host: string;
  readonly port: number;
}

export interface AuthorityView {
  /** Where its certificate is, PEM. */
  readonly url: string;
  /** The same, DER. */
  readonly der_url: string;
  /** The same itself: a value of a template has no line breaks. */
  readonly pem_lines: readonly { readonly text: string }[];
}

export interface SelfProvisioningView {
  readonly extension: string;
  readonly release_extension: string;
  /** For the screen: what to do. */
  readonly label: string;
}

/** A place in a list that the phone counts. */
export interface SlotView {
  /** From 1. */
  readonly index: number;
  /** From 0. */
  readonly index0: number;
  readonly is_first: boolean;
  readonly is_last: boolean;
  /** The entry of `fields` in `family.yaml` for this place. */
  readonly fields: Readonly<Record<string, string>>;
}

export interface LineView extends SlotView {
  /** Which of the `profiles` it uses, from 1. */
  readonly profile: number;
  readonly profile0: number;
  readonly is_default: boolean;
  readonly label: string;
  /** Letters, digits, spaces, dots, hyphens and underscores only: for formats inside formats. */
  readonly safe_label: string;
  readonly display_name: string;
  readonly safe_display_name: string;
  /** As a quoted string of SIP (RFC 3261, section 25.1), quotes included: for a name and an address in one value. */
  readonly quoted_display_name: string;
  readonly user_name: string;
  readonly auth_name: string;
  readonly password: string;
  readonly realm: string;
  /** RFC 2617 A1 hash: as good as the password. */
  readonly ha1: string;
  readonly host: string;
  readonly port: number;
  readonly transport: TransportView;
  readonly outbound_proxy: { readonly is_set: boolean; readonly host: string | null; readonly port: number | null };
  readonly srtp: boolean;
  readonly expiry: number;
  readonly expiry_minutes: number;
  readonly voicemail_number: string | null;
  /** Dialled before the number of a lamp that rings. */
  readonly pickup_code: string | null;
  /** Whether it shows waiting messages: it has a mailbox, or a number to hear them. */
  readonly mwi: boolean;
  /** Those the family can spell, best first. */
  readonly codecs: readonly CodecView[];
  /** The others it can spell, to be switched off; counted on from `codecs`. */
  readonly other_codecs: readonly CodecView[];
}

/** What the lines that share it have in common. */
export interface ProfileView
  extends
    SlotView,
    Pick<
      LineView,
      | 'host'
      | 'port'
      | 'transport'
      | 'outbound_proxy'
      | 'srtp'
      | 'expiry'
      | 'expiry_minutes'
      | 'codecs'
      | 'other_codecs'
    > {
  /** All of them are. */
  readonly is_default: boolean;
  /** Any of them has. */
  readonly mwi: boolean;
}

export interface TransportView {
  readonly name: string;
  readonly spelling: string | null;
  readonly is_udp: boolean;
  readonly is_tcp: boolean;
  readonly is_tls: boolean;
}

export interface CodecView extends SlotView {
  /** The slot of the line it belongs to. */
  readonly line: number;
  readonly name: string;
  readonly spelling: string;
}

/** `fields` are those of the bank's name. */
export interface KeyBankView extends SlotView {
  readonly name: string;
  /** From 1 among the pages of this name. */
  readonly page: number;
  readonly page0: number;
  readonly bank_keys: readonly KeyView[];
  readonly unused_bank_keys: readonly KeyPlaceView[];
}

export interface KeyPlaceView extends SlotView {
  /** Counted from 1 on its page or module. */
  readonly place: number;
  readonly place0: number;
}

export interface UnplacedKeyView {
  readonly kind: string;
  readonly label: string;
  readonly value: string | null;
  readonly why: 'no_such_key' | 'no_such_line' | 'no_room' | 'module';
}

export interface KeyView extends KeyPlaceView {
  /** Counted from 1 among the line keys, or among the others. */
  readonly position: number;
  readonly position0: number;
  readonly kind: string;
  readonly spelling: string;
  readonly is_line: boolean;
  readonly is_speed_dial: boolean;
  readonly is_blf: boolean;
  readonly is_park: boolean;
  readonly is_transfer: boolean;
  readonly is_voicemail: boolean;
  readonly label: string;
  readonly safe_label: string;
  readonly value: string | null;
  /** The slot of the line that the key uses. */
  readonly line: number;
  readonly line0: number;
  readonly host: string;
  /** Of that line. */
  readonly pickup_code: string | null;
}
