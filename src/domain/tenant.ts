import type { DeviceSettings } from './deviceSettings.ts';
import type { LineSettings } from './lineSettings.ts';
import type { Said } from './settings.ts';

/** The tenant that the first start writes. New phones go to it, and the command line works on it. */
export const DEFAULT_TENANT = 'default';

/** Templates of the unassigned phones of one family; what is `null` is as for all. */
export interface FamilyTemplates {
  readonly lineTemplateId: string | null;
  readonly deviceTemplateId: string | null;
}

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
  /** Folder of prompts that callers hear. */
  readonly language: string;
  /** The profile that new users get. */
  readonly defaultProfileId: string;
  /** What an unassigned phone gets, unless there is one for its family. */
  readonly defaultDeviceTemplateId: string;
  /** What its default line is like; `null`: nothing of its own. */
  readonly defaultLineTemplateId: string | null;
  /** The same for single families. */
  readonly familyTemplates: Readonly<Record<string, FamilyTemplates>>;
  /** What it says of its users' lines, and of all phones. */
  readonly lineSays: Said<LineSettings>;
  readonly deviceSays: Said<DeviceSettings>;
  /** The addresses that stand for one phone alone, see `admission.ts`: private ones, or any. */
  readonly trustedAddresses: 'private' | 'any';
}
