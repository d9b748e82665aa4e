import type { Mac } from './mac.ts';
import type { Secret } from './secret.ts';

/** Milliseconds since 1970, as `Date.now()`. */
export type Instant = number;

/** One customer. The realm is the one that Asterisk puts into its challenges; every stored credential depends on it. */
export interface Tenant {
  readonly id: string;
  readonly name: string;
  readonly realm: string;
  /** Dialled to give a phone to a user, for example `*55`. */
  readonly extension: string;
  /** Dialled to give a phone back, for example `*56`. */
  readonly releaseExtension: string;
  /** What a default line may reach besides the two above. */
  readonly emergencyNumbers: readonly string[];
  /** Folder under `sounds/` that the prompts are played from. */
  readonly language: string;
  /** The profile that new users get. */
  readonly defaultProfileId: string;
  /** What an unassigned phone gets. */
  readonly defaultDeviceTemplateId: string;
}

export interface User {
  readonly id: string;
  readonly tenantId: string;
  readonly profileId: string;
  /** The dialable number; also the name of the PJSIP endpoint and AOR. */
  readonly extension: string;
  readonly name: string;
  readonly pinHash: string;
  /** The switch of this user alone; the profile has one too, and both must be on. */
  readonly selfProvisioning: boolean;
  readonly createdAt: Instant;
}

export interface UserProfile {
  readonly id: string;
  readonly tenantId: string;
  readonly name: string;
  readonly selfProvisioning: boolean;
  readonly phoneLimit: number;
  /** Families that its users may bring; `null` means any. */
  readonly families: readonly string[] | null;
  readonly lineTemplateId: string;
  readonly deviceTemplateId: string;
}

/** Settings of a line, applied when it is given to a user. */
export interface LineTemplate {
  readonly id: string;
  readonly tenantId: string;
  readonly name: string;
  /** Dialplan context that the user's calls start in. */
  readonly context: string;
  /** Asterisk's names, best first: `g722`, `alaw`, `ulaw`, `opus` … */
  readonly codecs: readonly string[];
  readonly transport: 'udp' | 'tcp' | 'tls';
  readonly srtp: boolean;
  /** Seconds that the phone asks its registration to last. */
  readonly expiry: number;
  readonly voicemailNumber: string | null;
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

export type DeviceState = 'unassigned' | 'handing_over' | 'assigned' | 'blocked';

/** A physical phone or adapter. */
export interface Device {
  readonly mac: Mac;
  readonly tenantId: string;
  readonly family: string;
  readonly model: string | null;
  readonly firmware: string | null;
  readonly state: DeviceState;
  /** In the delivery URL of the device's file: the proof that a later request comes from the device. */
  readonly token: Secret;
  /** The token before a hand-over; valid until the current one is seen for the first time. */
  readonly previousToken: Secret | null;
  /** Where the last file was served to. */
  readonly address: string | null;
  readonly seenAt: Instant;
  readonly createdAt: Instant;
}

/** One registration slot of a device. */
export interface Line {
  readonly id: string;
  readonly mac: Mac;
  /** From 1, as on the phone. */
  readonly slot: number;
  /** `null` for the default line. */
  readonly userId: string | null;
  /** PJSIP endpoint and AOR: the user's extension, or the account of this device alone. */
  readonly endpoint: string;
  /** Digest user name: this device's own, even when several devices share the endpoint. */
  readonly authName: string;
  readonly secret: Secret;
  /** RFC 2617 A1 hash of authName, realm and secret: all that Asterisk is told. */
  readonly md5Credential: string;
  /** URI the device was last seen registered with; `null` when it is not. */
  readonly contact: string | null;
}

export type HandOverKind = 'assign' | 'release';
export type HandOverFailure = 'not_notified' | 'not_fetched' | 'not_registered';

/** Everything from the accepted secret until the device has registered with its new line. One per device, the latest. */
export interface HandOver {
  readonly mac: Mac;
  readonly kind: HandOverKind;
  readonly state: 'open' | 'done' | 'failed';
  readonly failure: HandOverFailure | null;
  /** AOR that the device will register with when it is back. */
  readonly aor: string;
  /** Contact URI of the device at acceptance: check-sync goes to it and to nobody else. */
  readonly contact: string | null;
  /** Contact URIs of the AOR before the device could have registered with it: those of the user's other phones. */
  readonly contactsBefore: readonly string[];
  /** Source address the device was registered from: together with `windowEndsAt` the hand-over window (a proof). */
  readonly address: string | null;
  readonly windowEndsAt: Instant;
  readonly acceptedAt: Instant;
  readonly notifiedAt: Instant | null;
  readonly fetchedAt: Instant | null;
  readonly registeredAt: Instant | null;
  /** Check-syncs sent so far. */
  readonly attempts: number;
  /** When to look again; `null` when closed. */
  readonly nextAttemptAt: Instant | null;
}

/** What a device's time-line and the log are made of. */
export type Step =
  | 'enrolled'
  | 'called'
  | 'refused'
  | 'locked'
  | 'unlocked'
  | 'accepted'
  | 'released'
  | 'notified'
  | 'fetched'
  | 'registered'
  | 'done'
  | 'failed'
  | 'removed'
  | 'user_added'
  | 'user_removed'
  | 'pin_changed';

export interface Event {
  readonly id: string;
  readonly at: Instant;
  readonly step: Step;
  readonly tenantId: string;
  readonly mac: Mac | null;
  readonly userId: string | null;
  /** What else a reader of the time-line wants: no secrets. */
  readonly detail: Readonly<Record<string, string | number | boolean | null>>;
}

/** A registration that Asterisk must forget; `keep` lists contact URIs of other devices on the same AOR. */
export interface StaleRegistration {
  readonly id: string;
  readonly aor: string;
  readonly keep: readonly string[];
}

/** Wrong secrets in a row for one extension or one device. */
export interface Tries {
  readonly wrong: number;
  /** How often it has been locked since the last right secret. */
  readonly locks: number;
  readonly lockedUntil: Instant | null;
}
