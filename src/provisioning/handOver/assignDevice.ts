import { userLine } from '../../domain/accounts.ts';
import { isDefaultLine } from '../../domain/device.ts';
import { isRefusal, SelfprovError } from '../../domain/errors.ts';
import type { Mac } from '../../domain/mac.ts';
import { orNotFound } from '../../domain/orNotFound.ts';
import { refuseUnlessAllowed, refuseWhenShadowed } from '../../domain/policy.ts';
import { markOf } from '../../domain/registrations.ts';
import type { Ports } from '../ports.ts';
import { beginHandOver, contactOf, type Caller } from './beginHandOver.ts';
import { noteRegistrations, type NoteNeeds } from './noteRegistrations.ts';

/**
 * Gives an unassigned device to a user whose secret has been accepted, for the very line that called. What Asterisk knows
 * is asked first; then one transaction decides, takes the default lines away, makes the user's line and starts the
 * hand-over. Rejects with `conflict` and a reason of `AssignmentRefusal`, which is an event too; with `unavailable`
 * while Asterisk cannot be asked.
 */
export async function assignDevice(
  ports: NoteNeeds & Pick<Ports, 'secrets'>,
  input: { readonly mac: Mac; readonly lineId: string; readonly userId: string; readonly caller: Caller },
): Promise<void> {
  const { store, registrar } = ports;
  const { extension } = orNotFound(await store.user(input.userId), 'user');
  const { endpoint } = (await store.line(input.lineId)) ?? { endpoint: undefined };
  if (endpoint !== undefined) await noteRegistrations(ports, endpoint);
  const [auths, contacts] = [await registrar.authsOf(extension), await registrar.contacts(extension)];
  try {
    refuseWhenShadowed(extension, auths);
    await assign(ports, input, contacts.map(markOf));
  } catch (error) {
    if (isRefusal(error, 'conflict')) await noteRefusal(ports, input, error);
    throw error;
  }
}

async function assign(
  ports: Pick<Ports, 'store' | 'secrets' | 'times' | 'now'>,
  { mac, lineId, userId, caller }: Parameters<typeof assignDevice>[1],
  contactsBefore: readonly string[],
): Promise<void> {
  const credentials = { secret: ports.secrets.sipSecret(), token: ports.secrets.token(), now: ports.now() };
  await ports.store.transaction(async (store) => {
    const known = orNotFound(await store.device(mac), `device ${mac}`);
    const user = orNotFound(await store.user(userId), 'user');
    const tenant = orNotFound(await store.tenant(user.tenantId), 'tenant');
    const profile = orNotFound(await store.profile(user.profileId), 'user profile');
    const line = (await store.lines(mac)).filter(isDefaultLine).find(({ id }) => id === lineId);
    // Others may have asked for its file, and said what they liked.
    const device = { ...known, ...line?.askedAs };
    refuseUnlessAllowed({ device, line, user, profile, phones: await store.linesOfUser(user.id) });
    const leaves = orNotFound(line, 'line');
    await store.updateDevice(mac, leaves.askedAs ?? {});
    await beginHandOver(store, ports, device, {
      kind: 'assign',
      line: { ...userLine(mac, user, tenant, credentials), seenAs: leaves.seenAs ?? caller.identity },
      contact: contactOf(leaves, caller),
      contactsBefore,
      address: caller.address,
      previousToken: leaves.token,
      leaves,
      state: 'handing_over',
      tenantId: tenant.id,
      duringCall: true,
    });
    const detail = { extension: user.extension, family: device.family, account: leaves.endpoint };
    await store.addEvent({ step: 'accepted', tenantId: tenant.id, mac, userId, actor: 'phone', detail });
  });
}

async function noteRefusal(
  { store }: Pick<Ports, 'store'>,
  { mac, userId }: { readonly mac: Mac; readonly userId: string },
  { reason, message }: SelfprovError,
): Promise<void> {
  const device = await store.device(mac);
  if (device === undefined) return;
  const detail = { reason: reason ?? null, why: message };
  await store.addEvent({ step: 'refused', tenantId: device.tenantId, mac, userId, actor: 'phone', detail });
}
