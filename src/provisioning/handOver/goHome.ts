import { isRefusal } from '../../domain/errors.ts';
import type { HotDesk } from '../../domain/hotDesk.ts';
import type { Ports } from '../ports.ts';
import { assignLine } from './assignDevice.ts';

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
      await assignLine(ports, { ...home, userId, actor: 'selfprov' }, null);
    } catch (error) {
      if (!isRefusal(error, 'conflict')) throw error;
    }
  }
}
