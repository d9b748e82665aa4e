import type { Mac } from '../../domain/mac.ts';
import { orNotFound } from '../../domain/orNotFound.ts';
import type { Ports } from '../ports.ts';
import { endLines } from './endLines.ts';
import { goHome } from './goHome.ts';
import { whereItIs } from './beginHandOver.ts';

/**
 * Forgets a device: its accounts end at once, and what is left is a farewell for each. The phone is told to fetch, and
 * is enrolled anew when it does.
 */
export async function removeDevice(
  ports: Pick<Ports, 'store' | 'secrets' | 'times' | 'now' | 'portsOf'>,
  { mac, actor }: { readonly mac: Mac; readonly actor: string },
): Promise<void> {
  await ports.store.transaction(async (store) => {
    const device = orNotFound(await store.device(mac), `device ${mac}`);
    const hotDesk = await store.hotDesk(mac);
    await endLines(store, ports.now(), device, await store.lines(mac), whereItIs);
    await store.removeDevice(mac);
    await store.addEvent({ step: 'removed', tenantId: device.tenantId, mac, actor });
    if (hotDesk !== undefined) await goHome({ ...ports, store }, hotDesk);
  });
}
