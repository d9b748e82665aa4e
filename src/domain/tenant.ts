/** The tenant that the first start writes. New phones go to it, and the command line works on it. */
export const DEFAULT_TENANT = 'default';

/** Digits and the two other keys of a phone: what an extension that a feature answers to may be. */
export const DIALABLE = /^[0-9*#]{1,20}$/;

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
  /** What an unassigned phone gets. */
  readonly defaultDeviceTemplateId: string;
  /** The addresses that stand for one phone alone, see `admission.ts`: private ones, or any. */
  readonly trustedAddresses: 'private' | 'any';
}
