import { SelfprovError } from '../../domain/errors.ts';
import type { Mac } from '../../domain/mac.ts';
import type { Store } from '../../domain/ports.ts';
import type { Device, User, UserProfile } from '../../domain/types.ts';
import { userLine } from '../../domain/accounts.ts';
import { orNotFound } from '../../domain/orNotFound.ts';
import { startHandOver } from './startHandOver.ts';
import type { Ports } from '../ports.ts';

/** The device that called: where check-sync goes and where the user's file may be fetched from. */
export interface Caller {
  readonly contact: string | null;
  readonly address: string | null;
}

/**
 * Gives an unassigned device to a user whose secret has been accepted: one transaction that takes the default line
 * away, makes the user's line and starts the hand-over. Rejects with `conflict` and a reason: `already_assigned`,
 * `phone_limit`, `not_allowed` (switched off for the user or the profile, or not a family of the profile).
 */
export async function assignDevice(
  ports: Pick<Ports, 'store' | 'secrets' | 'times' | 'now'>,
  input: { readonly mac: Mac; readonly userId: string; readonly caller: Caller },
): Promise<void> {
  await ports.store.transaction(async (store) => {
    const device = orNotFound(await store.device(input.mac), `device ${input.mac}`);
    const user = orNotFound(await store.user(input.userId), 'user');
    const tenant = orNotFound(await store.tenant(user.tenantId), 'tenant');
    await refuseUnlessAllowed(store, device, user);

    const line = userLine(device.mac, user, tenant, ports.secrets.sipSecret());
    const [before] = await store.lines(device.mac);
    await store.removeLines(device.mac);
    await store.addLine(line);
    await startHandOver({ ...ports, store }, device, {
      kind: 'assign',
      aor: line.endpoint,
      contact: input.caller.contact ?? before?.contact ?? null,
      address: input.caller.address,
      leaves: before?.endpoint,
      tenantId: user.tenantId,
    });
    const { mac, family } = device;
    const detail = { extension: user.extension, family };
    await store.addEvent({ step: 'accepted', tenantId: tenant.id, mac, userId: user.id, detail });
  });
}

async function refuseUnlessAllowed(store: Store, device: Device, user: User): Promise<void> {
  if (device.state !== 'unassigned')
    refuse('already_assigned', 'the device belongs to a user already: release it first');
  const profile: UserProfile = orNotFound(await store.profile(user.profileId), 'user profile');
  if (!user.selfProvisioning || !profile.selfProvisioning) {
    refuse('not_allowed', `self-provisioning is switched off for extension ${user.extension}`);
  }
  if (profile.families !== null && !profile.families.includes(device.family)) {
    refuse('not_allowed', `profile ${profile.name} does not allow phones of family ${device.family}`);
  }
  const phones = await store.linesOfUser(user.id);
  if (phones.length >= profile.phoneLimit) {
    refuse('phone_limit', `extension ${user.extension} has all of its ${profile.phoneLimit} phones`);
  }
}

function refuse(reason: string, message: string): never {
  throw new SelfprovError('conflict', message, { reason });
}
