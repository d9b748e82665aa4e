import type { HandOver } from '../domain/handOver.ts';
import type { Mac } from '../domain/mac.ts';
import type { Store } from '../domain/ports.ts';
import type { Core } from './core.ts';
import { withoutToken } from './deviceList.ts';

/**
 * Hand-overs of a tenant's devices, and to its users, that are under way or have failed: those of `limit` devices behind `after`, by
 * MAC; `next` is the last of these devices, `null` when there are no more.
 */
export async function listHandOvers(
  { store }: Pick<Core, 'store'>,
  tenantId: string,
  { state, ...page }: { readonly state: 'open' | 'failed'; readonly after?: Mac; readonly limit: number },
): Promise<{ readonly handOvers: readonly Omit<HandOver, 'previousToken'>[]; readonly next: Mac | null }> {
  const wanted = { tenantId, state: state === 'open' ? 'handing_over' : 'failed', ...page } as const;
  const { devices } = await store.searchDevices(wanted);
  const handOvers: Omit<HandOver, 'previousToken'>[] = [];
  for (const device of devices) {
    for (const handOver of await store.handOversOf(device.mac)) {
      const isOurs = device.tenantId === tenantId || (await isOfUser(store, tenantId, handOver.lineId));
      if (handOver.state === state && isOurs) handOvers.push(withoutToken(handOver));
    }
  }
  return { handOvers, next: devices.length < page.limit ? null : (devices.at(-1)?.mac ?? null) };
}

/** Whether this line is one of a user of this tenant. */
async function isOfUser(store: Store, tenantId: string, lineId: string): Promise<boolean> {
  const userId = (await store.line(lineId))?.userId ?? null;
  return userId !== null && (await store.user(userId))?.tenantId === tenantId;
}
