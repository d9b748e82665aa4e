import type { DeviceSettings } from './deviceSettings.ts';
import type { LineSettings } from './lineSettings.ts';
import type { Said } from './settings.ts';
import type { Instant } from './time.ts';

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
