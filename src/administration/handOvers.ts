import type { HandOver } from '../domain/handOver.ts';
import type { Mac } from '../domain/mac.ts';
import type { Store } from '../domain/ports.ts';
import type { Core } from './core.ts';
import { withoutToken } from './deviceList.ts';

/**
 * Hand-overs to a tenant's users, and of its devices to their default lines, that are under way or have failed: those of `limit` devices behind `after`, by
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
      const isOurs = ((await tenantOf(store, handOver.lineId)) ?? device.tenantId) === tenantId;
      if (handOver.state === state && isOurs) handOvers.push(withoutToken(handOver));
    }
  }
  return { handOvers, next: devices.length < page.limit ? null : (devices.at(-1)?.mac ?? null) };
}

/** The tenant whose user's line it is; `undefined` for a default line. */
async function tenantOf(store: Store, lineId: string): Promise<string | undefined> {
  const userId = (await store.line(lineId))?.userId ?? null;
  return userId === null ? undefined : (await store.user(userId))?.tenantId;
}
