import { isOurs, slotNames } from './adoption.ts';
import type { Code } from './code.ts';
import { isDefaultLine, usersHolding, type Device, type Holding, type Line } from './device.ts';
import { SelfprovError } from './errors.ts';
import type { Policy } from './policySettings.ts';
import type { Site } from './site.ts';
import { DEFAULT_TENANT } from './tenant.ts';
import type { User, UserProfile } from './user.ts';

/** Why a user may not have a device; the reason is what a caller is told by. */
export type AssignmentRefusal =
  | 'switched_off'
  | 'blocked'
  | 'already_assigned'
  | 'line_gone'
  | 'contested'
  | 'other_tenant'
  | 'phone_limit'
  | 'kind_not_allowed'
  | 'not_allowed'
  | 'shadowed'
  | 'code_used';

export interface AssignmentFacts {
  readonly site: Site;
  /** Of the user's tenant. */
  readonly policy: Policy;
  readonly device: Device;
  readonly lines: readonly Line[];
  /** Of these the device's own; `undefined` when the line that called has ended since, or nobody can tell which they are. */
  readonly holding: Holding | undefined;
  /** What is there in the slot that is to be the user's. */
  readonly leaves: Line | undefined;
  /** Who has that line now has proven to agree, or an administrator does. */
  readonly takesOver: boolean;
  /** Who has that line. */
  readonly holder: User | undefined;
  /** From the device itself; an administrator at a desk may do what users may not. */
  readonly isCall: boolean;
  /** A one-time code names this user: an administrator has said so before. */
  readonly hasCode: boolean;
  readonly user: User;
  readonly profile: UserProfile;
  /** Lines that the user has already. */
  readonly phones: readonly Line[];
}

/** Whether any user may set up this device by a call; why not, if not. */
export function mayBeSetUp(
  site: Site,
  policy: Policy,
  device: Pick<Device, 'isBlocked'>,
): 'switched_off' | 'blocked' | undefined {
  if (!site.selfProvisioning || !policy.selfProvisioning) return 'switched_off';
  return device.isBlocked ? 'blocked' : undefined;
}

/** Throws `conflict` with one of the reasons when this user may not have this device. */
export function refuseUnlessAllowed(facts: AssignmentFacts): void {
  const { device, profile, isCall, user } = facts;
  refuseOthers(facts);
  if (device.isBlocked) refuse('blocked', 'the device is blocked: see "selfprov device unblock"');
  if (!isCall) return;
  if (mayBeSetUp(facts.site, facts.policy, device) !== undefined)
    refuse('switched_off', 'self-provisioning is switched off for all, or for this tenant');
  if (!user.selfProvisioning || !profile.selfProvisioning)
    refuse('not_allowed', `self-provisioning is switched off for extension ${user.extension}`);
  if (profile.families !== null && !profile.families.includes(device.family))
    refuse('kind_not_allowed', `profile ${profile.name} does not allow phones of family ${device.family}`);
  const others = facts.phones.filter(({ mac }) => mac !== device.mac);
  if (others.length >= profile.phoneLimit)
    refuse('phone_limit', `extension ${user.extension} has all of its ${profile.phoneLimit} phones`);
}

/** It is somebody else's, of somebody else's tenant, or nobody can tell what is meant. */
function refuseOthers(facts: AssignmentFacts): void {
  const { device, lines, holding, leaves, takesOver, isCall, user } = facts;
  const users = usersHolding(lines);
  // A phone that was reset calls from a new line; its own user may have it again.
  const wasReset = users !== undefined && holding !== undefined && holding.token.reveal() !== users.token.reveal();
  const isUsers = users?.lines.some(({ userId }) => userId === user.id) === true;
  const isTaken = (holding === undefined && isCall && users !== undefined) || (leaves?.userId ?? null) !== null;
  if ((isTaken && !takesOver) || (wasReset && !isUsers))
    refuse('already_assigned', 'the device belongs to a user already: release it first');
  if (isUsers && !wasReset) refuse('already_assigned', `extension ${user.extension} has a line of this device already`);
  if (holding === undefined && isCall)
    refuse('line_gone', 'the line that called is not a line of this device any more');
  if (holding === undefined) refuse('contested', whoIsMeant(device, lines));
  if (isOfOtherTenant(facts, holding))
    refuse('other_tenant', `the device is of tenant ${device.tenantId}: see "selfprov device move"`);
}

/**
 * A device that is nobody's is for users of its tenant; one of the first tenant for everybody. Beside a user of its tenant
 * somebody of another may have a port, where an administrator says so; the device stays that tenant's.
 */
function isOfOtherTenant({ device, holder, leaves, user, isCall, hasCode }: AssignmentFacts, its: Holding): boolean {
  const tenantId = holder?.tenantId ?? device.tenantId;
  if (tenantId === user.tenantId || tenantId === DEFAULT_TENANT) return false;
  const isInUse = its.lines.some((line) => line !== leaves && !isDefaultLine(line));
  return !(isInUse && (hasCode || !isCall));
}

/** Throws `conflict` when the code has been used, or taken back, since it was keyed. */
export function refuseUsed(code: Code | undefined): void {
  if (code === undefined || code.usedAt !== null) refuse('code_used', 'the one-time code has been used meanwhile');
}

/**
 * Throws `conflict` (reason `shadowed`) when a phone of this user could never register: Asterisk knows an endpoint of this name
 * that is not ours (one in pjsip.conf hides ours), or that of an adopted user does not name what its phones prove themselves by.
 * `auths` are the credentials of the endpoint as Asterisk has it; `undefined` when it has none.
 */
export function refuseWhenShadowed(
  { endpoint, extension, adoption }: Pick<User, 'endpoint' | 'extension' | 'adoption'>,
  auths: readonly string[] | undefined,
): void {
  if (adoption !== null) {
    if (auths === undefined)
      refuse(
        'shadowed',
        `Asterisk has no endpoint ${endpoint} any more, which extension ${extension} was adopted from`,
      );
    const names = adoption.kind === 'slots' ? slotNames(endpoint, adoption.slots) : [];
    if (names.every((name) => auths.includes(name))) return;
    refuse(
      'shadowed',
      `Asterisk does not know yet that selfprov has adopted endpoint ${endpoint}: include adopted.conf after it and reload ` +
        `PJSIP, see "selfprov user adopt ${extension}"`,
    );
  }
  if (auths === undefined || isOurs({ name: endpoint, auths })) return;
  refuse(
    'shadowed',
    `Asterisk has an endpoint ${endpoint} of its own (pjsip.conf), which hides the one of selfprov: remove it there, ` +
      'reload PJSIP, and let the user try again; or remove the user here and adopt it: selfprov user adopt',
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
