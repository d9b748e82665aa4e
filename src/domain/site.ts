import { flag } from './settingKinds.ts';
import type { SettingsOf } from './settings.ts';

/** Switches above those of every tenant: what is off here is off for all. */
export interface Site {
  readonly selfProvisioning: boolean;
  readonly enrolment: boolean;
  readonly ivr: boolean;
}

export const SITE_SETTINGS: SettingsOf<Site> = {
  selfProvisioning: flag('users may set up phones by a call'),
  enrolment: flag('new phones are given a default line'),
  ivr: flag('calls to the self-provisioning extensions are answered'),
};

export const PLAIN_SITE: Site = { selfProvisioning: true, enrolment: true, ivr: true };
