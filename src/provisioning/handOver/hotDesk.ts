import { SelfprovError } from '../../domain/errors.ts';
import { nextTime } from '../../domain/hotDesk.ts';
import { orNotFound } from '../../domain/orNotFound.ts';
import type { Store } from '../../domain/ports.ts';
import { policyOf } from '../../domain/tenant.ts';
import { deviceSettings } from '../../domain/levels.ts';
import type { Ports } from '../ports.ts';
import { assignLine, contactsBeforeOf, notingRefusals, type Assignment } from './assignDevice.ts';
import type { FromLine } from './beginHandOver.ts';
import type { NoteNeeds } from './noteRegistrations.ts';
import { releaseDevice } from './releaseDevice.ts';

type Inside = Pick<Ports, 'store' | 'secrets' | 'times' | 'now' | 'portsOf'>;

/**
 * A user borrows a shared phone by a call from it: all lines of the user move there, from wherever they are; an earlier
 * borrowed phone is given back. Rejects as `assignDevice` does, also when somebody else has borrowed another port of this one;
 * then nothing has moved.
 */
export async function logIn(
  ports: NoteNeeds & Pick<Ports, 'secrets' | 'portsOf'>,
  assignment: Assignment & { readonly call: FromLine },
): Promise<void> {
  const { mac, userId } = assignment;
  const contactsBefore = await contactsBeforeOf(ports, assignment);
  const move = async (store: Store): Promise<void> => {
    const inside = { ...ports, store };
    const user = orNotFound(await store.user(userId), 'user');
    const borrowed = await store.hotDesk(mac);
    if (borrowed !== undefined && borrowed.userId !== userId)
      throw new SelfprovError('conflict', 'somebody has borrowed this device', { reason: 'already_assigned' });
    const earlier = await store.hotDeskOf(userId);
    if (earlier !== undefined) await store.removeHotDesk(earlier.mac);
    const lines = (await store.linesOfUser(userId)).filter((line) => line.mac !== mac);
    for (const line of lines) await releaseDevice(inside, { mac: line.mac, slot: line.slot, actor: 'phone' });
    // Whatever the user was given since the earlier log-in is a home too; the phone borrowed then is none.
    const left = lines.filter((line) => line.mac !== earlier?.mac).map(({ mac: home, slot }) => ({ mac: home, slot }));
    const homes = [...(earlier?.homes ?? []), ...left];
    await assignLine(inside, { ...assignment, borrows: true }, contactsBefore);
    const since = ports.now();
    await store.addHotDesk({ mac, userId, homes, since, endsAt: await endOf(store, user.tenantId, since) });
    const detail = { extension: user.extension };
    await store.addEvent({ step: 'logged_in', tenantId: user.tenantId, mac, userId, actor: 'phone', detail });
  };
  await notingRefusals(ports, assignment, () => ports.store.transaction(move));
}

/** Borrowed phones whose time is over are given back; the lines go back to where they were. */
export async function endHotDesks(ports: Inside): Promise<void> {
  for (const { mac } of await ports.store.hotDesksThatEnd(ports.now())) {
    await ports.store.transaction(async (store) => {
      // Somebody else may have borrowed it meanwhile.
      const hotDesk = await store.hotDesk(mac);
      const endsAt = hotDesk?.endsAt ?? null;
      if (hotDesk === undefined || endsAt === null || endsAt > ports.now()) return;
      const line = (await store.lines(mac)).find(({ userId }) => userId === hotDesk.userId);
      if (line === undefined) return store.removeHotDesk(mac);
      await releaseDevice({ ...ports, store }, { mac, slot: line.slot, actor: 'selfprov' });
    });
  }
}

async function endOf(store: Store, tenantId: string, now: number): Promise<number | null> {
  const tenant = orNotFound(await store.tenant(tenantId), 'tenant');
  const { hotDeskEnds } = policyOf(tenant);
  if (hotDeskEnds === null) return null;
  const template = orNotFound(await store.deviceTemplate(tenant.defaultDeviceTemplateId), 'device template');
  return nextTime(hotDeskEnds, deviceSettings(tenant, template, undefined, undefined).timeZone.value, now);
}
