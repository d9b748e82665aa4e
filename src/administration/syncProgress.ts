import type { Sync } from '../domain/sync.ts';
import { countsOf, type SyncItem, type SyncItemState } from '../domain/syncItem.ts';
import type { Core } from './core.ts';
import { syncOf } from './syncs.ts';

const MINUTE_MS = 60_000;

/** A sync, and how many of its devices are in each state. */
export interface SyncShown extends Sync {
  readonly counts: Readonly<Record<SyncItemState, number>>;
}

export async function listSyncs({ store }: Core, tenantId: string): Promise<readonly SyncShown[]> {
  const all = await store.syncs(tenantId);
  return Promise.all(all.map(async (sync) => ({ ...sync, counts: countsOf(await store.syncItems(sync.id)) })));
}

/** How many devices were told, fetched, came back and were lost within one minute. */
export type Minute = Readonly<Record<'told' | 'fetched' | 'back' | 'lost', number>> & {
  /** From the first that was told, from 0. */
  readonly minute: number;
};

/** Rejects with `not_found`. */
export async function showSync(
  { store }: Core,
  tenantId: string,
  id: number,
): Promise<SyncShown & { readonly minutes: readonly Minute[]; readonly devices: readonly SyncItem[] }> {
  const sync = await syncOf(store, tenantId, id);
  const devices = await store.syncItems(id);
  return { ...sync, counts: countsOf(devices), minutes: minutesOf(devices), devices };
}

function minutesOf(items: readonly SyncItem[]): readonly Minute[] {
  const start = Math.min(...items.map(({ toldAt }) => toldAt ?? Number.POSITIVE_INFINITY));
  const minutes = new Map<number, Record<'told' | 'fetched' | 'back' | 'lost', number>>();
  const count = (what: keyof Omit<Minute, 'minute'>, at: number | null): void => {
    if (at === null) return;
    const minute = Math.floor((at - start) / MINUTE_MS);
    const counts = minutes.get(minute) ?? { told: 0, fetched: 0, back: 0, lost: 0 };
    minutes.set(minute, { ...counts, [what]: counts[what] + 1 });
  };
  for (const { state, toldAt, fetchedAt, endedAt } of items) {
    count('told', toldAt);
    count('fetched', fetchedAt);
    if (state === 'back' || state === 'lost') count(state, endedAt);
  }
  return [...minutes].toSorted(([one], [other]) => one - other).map(([minute, counts]) => ({ minute, ...counts }));
}
