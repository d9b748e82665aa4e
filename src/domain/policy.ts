import { userAuthName } from './accounts.ts';
import { usersHolding, type Device, type Holding, type Line } from './device.ts';
import { SelfprovError } from './errors.ts';
import type { User, UserProfile } from './user.ts';

/** Why a user may not have a device; the reason is what a caller is told by. */
export type AssignmentRefusal =
  'already_assigned' | 'line_gone' | 'contested' | 'phone_limit' | 'not_allowed' | 'shadowed';

export interface AssignmentFacts {
  readonly device: Device;
  readonly lines: readonly Line[];
  /** Of these the device's own; `undefined` when the line that called has ended since, or nobody can tell which they are. */
  readonly holding: Holding | undefined;
  /** What is there in the slot that is to be the user's. */
  readonly leaves: Line | undefined;
  readonly isCall: boolean;
  readonly user: User;
  readonly profile: UserProfile;
  /** Those that the user has already. */
  readonly phones: readonly Line[];
}

/** Throws `conflict` with one of the reasons when this user may not have this device. */
export function refuseUnlessAllowed(facts: AssignmentFacts): void {
  const { device, lines, holding, leaves, isCall, user, profile, phones } = facts;
  const isAnothers = isCall ? holding === undefined && usersHolding(lines) !== undefined : leaves?.userId != null;
  if (isAnothers) refuse('already_assigned', 'the device belongs to a user already: release it first');
  if (lines.some(({ userId }) => userId === user.id))
    refuse('already_assigned', `extension ${user.extension} has a line of this device already`);
  if (holding === undefined && isCall)
    refuse('line_gone', 'the line that called is not a line of this device any more');
  if (holding === undefined) refuse('contested', whoIsMeant(device, lines));
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

function whoIsMeant({ mac, family }: Device, lines: readonly Line[]): string {
  if (lines.length === 0) return `there are no files for family ${family}`;
  const accounts = lines.map(({ authName, address }) => `${authName} (${address ?? 'not fetched'})`).join(', ');
  return `several have asked for the file of ${mac}: name the account of the one that is the phone: ${accounts}`;
}

function refuse(reason: AssignmentRefusal, message: string): never {
  throw new SelfprovError('conflict', message, { reason });
}
