import type { Adoption } from './adoption.ts';
import type { DeviceSettings } from './deviceSettings.ts';
import type { LineSettings } from './lineSettings.ts';
import type { Said } from './settings.ts';
import type { Instant } from './time.ts';

export interface User {
  readonly id: string;
  readonly tenantId: string;
  readonly profileId: string;
  /** The dialable number. */
  readonly extension: string;
  /** Name of the PJSIP endpoint and AOR: made by the tenant’s pattern when the user was added, or the administrator's own. */
  readonly endpoint: string;
  /** Of a user whose endpoint the administrator keeps; `null`: selfprov tells Asterisk of it. */
  readonly adoption: Adoption | null;
  /** What a caller may be known by instead of the extension, see `Policy.identifyBy`: digits. */
  readonly loginId: string | null;
  readonly provisioningId: string | null;
  readonly name: string;
  readonly pinHash: string;
  /** Of a numeric password, as good as the PIN; `null` when there is none. */
  readonly passwordHash: string | null;
  /** The switch of this user alone; the profile has one too, and both must be on. */
  readonly selfProvisioning: boolean;
  /** What is this user's alone, on every phone. */
  readonly lineSays: Said<LineSettings>;
  readonly deviceSays: Said<DeviceSettings>;
  readonly createdAt: Instant;
}

/** What a class of users may do. */
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
