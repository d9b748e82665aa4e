import { userAuthName } from './accounts.ts';
import type { Device, Line } from './device.ts';
import { SelfprovError } from './errors.ts';
import type { User, UserProfile } from './user.ts';

/** Why a user may not have a device; the reason is what a caller is told by. */
export type AssignmentRefusal = 'already_assigned' | 'line_gone' | 'phone_limit' | 'not_allowed' | 'shadowed';

export interface AssignmentFacts {
  readonly device: Device;
  /** The line that called, as it is now; `undefined` when it has ended since. */
  readonly line: Line | undefined;
  readonly user: User;
  readonly profile: UserProfile;
  /** Those that the user has already. */
  readonly phones: readonly Line[];
}

/** Throws `conflict` with one of the reasons when this user may not have this device. */
export function refuseUnlessAllowed({ device, line, user, profile, phones }: AssignmentFacts): void {
  if (device.state !== 'unassigned')
    refuse('already_assigned', 'the device belongs to a user already: release it first');
  if (line === undefined) refuse('line_gone', 'the line that called is not a line of this device any more');
  if (!user.selfProvisioning || !profile.selfProvisioning)
    refuse('not_allowed', `self-provisioning is switched off for extension ${user.extension}`);
  if (profile.families !== null && !profile.families.includes(device.family))
    refuse('not_allowed', `profile ${profile.name} does not allow phones of family ${device.family}`);
  if (phones.length >= profile.phoneLimit)
    refuse('phone_limit', `extension ${user.extension} has all of its ${profile.phoneLimit} phones`);
}

/**
 * Throws `conflict` (reason `shadowed`) when Asterisk knows an endpoint of this name that is not ours: one in pjsip.conf
 * hides ours, so the phone could never register. `auths` are the credentials of the endpoint as Asterisk has it;
 * `undefined` when it has none.
 */
export function refuseWhenShadowed(extension: string, auths: readonly string[] | undefined): void {
  const ours = new RegExp(`^${userAuthName(extension, '[0-9a-f]{12}')}$`);
  if (auths === undefined || auths.every((auth) => ours.test(auth))) return;
  refuse(
    'shadowed',
    `Asterisk has an endpoint ${extension} of its own (pjsip.conf), which hides the one of selfprov: remove it there, ` +
      'reload PJSIP, and let the user try again',
  );
}

function refuse(reason: AssignmentRefusal, message: string): never {
  throw new SelfprovError('conflict', message, { reason });
}
