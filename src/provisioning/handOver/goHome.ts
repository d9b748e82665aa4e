import { usersHolding } from '../../domain/device.ts';
import { isRefusal } from '../../domain/errors.ts';
import type { Home, HotDesk } from '../../domain/hotDesk.ts';
import type { Store } from '../../domain/ports.ts';
import type { Ports } from '../ports.ts';
import { assignLine, type Assignment } from './assignDevice.ts';

/**
 * Inside the transaction that has given a borrowed phone back, whoever did it: its user's lines go back to where they were.
 * What cannot go back is an event, and stays as it is.
 */
export async function goHome(
  ports: Pick<Ports, 'store' | 'secrets' | 'times' | 'now' | 'portsOf'>,
  hotDesk: HotDesk,
): Promise<void> {
  const { store } = ports;
  const { mac, userId, homes } = hotDesk;
  await store.removeHotDesk(mac);
  const user = await store.user(userId);
  if (user === undefined) return;
  const { tenantId, extension } = user;
  await store.addEvent({ step: 'logged_off', tenantId, mac, userId, detail: { extension } });
  for (const home of homes) {
    if ((await store.device(home.mac)) === undefined) continue;
    try {
      await assignLine(ports, { ...home, userId, actor: 'selfprov', ...(await accountAt(store, home)) }, null);
    } catch (error) {
      if (!isRefusal(error, 'conflict')) throw error;
    }
  }
}

/**
 * The phone itself, where others may have asked for its file meanwhile: it was told to fetch the line that it has been released
 * to. Nobody else's line will do, whoever is registered.
 */
async function accountAt(store: Store, { mac, slot }: Home): Promise<Pick<Assignment, 'account'>> {
  const lines = await store.lines(mac);
  if (usersHolding(lines) !== undefined) return {};
  const released = await store.handOver(mac, slot);
  return { account: lines.find(({ id }) => id === released?.lineId)?.authName ?? '' };
}
