import type { Mac } from '../../domain/mac.ts';
import type { Secret } from '../../domain/secret.ts';
import type { DefaultLine, Line } from '../../domain/device.ts';
import type { DeviceSettings } from '../../domain/deviceSettings.ts';
import type { LineSettings } from '../../domain/lineSettings.ts';
import type { Tenant } from '../../domain/tenant.ts';
import type { User } from '../../domain/user.ts';

/** Where phones find the servers. */
export interface ServerFacts {
  /** Where any phone asks, without a token: `http://host:port/`. */
  readonly openUrl: string;
  readonly sipHost: string;
  readonly sipPorts: { readonly udp: number; readonly tcp: number; readonly tls: number };
  /** PEM: the certificate of an authority that signs the SIP server's, where phones cannot know it; `null` else. */
  readonly authority: string | null;
  /** Of default lines, and of users' lines whose template does not say otherwise. */
  readonly transport: 'udp' | 'tcp' | 'tls';
  readonly outboundProxy: { readonly host: string; readonly port: number } | null;
  /** How often a phone looks for changes by itself. */
  readonly refreshHours: number;
}

/** What a file needs to know of the phone; a `Device` fits. For a file without a MAC in its name `mac` is `null`. */
export interface PhoneFacts {
  readonly family: string;
  readonly model: string | null;
  readonly firmware: string | null;
  readonly mac: Mac | null;
}

/** What every view is made of. */
export interface ViewFacts {
  readonly device: PhoneFacts;
  readonly tenant: Tenant;
  readonly settings: DeviceSettings;
  readonly server: ServerFacts;
  /** Where this device fetches, its token in the path; ends with a slash. `null` for files that are not one device's. */
  readonly deliveryUrl: Secret | null;
}

export interface NobodysLine {
  readonly line: DefaultLine;
  readonly settings: LineSettings;
}

export interface BootstrapFacts extends ViewFacts {
  /** None for boot and common files. */
  readonly defaultLines: readonly NobodysLine[];
}

export interface UserLine {
  readonly line: Line;
  readonly user: User;
  /** The user's, which may be another than the device's. */
  readonly tenant: Tenant;
  readonly settings: LineSettings;
}

export interface LineFacts extends BootstrapFacts {
  readonly lines: readonly UserLine[];
}
