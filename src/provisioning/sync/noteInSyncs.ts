import type { Line } from '../../domain/device.ts';
import type { Store } from '../../domain/ports.ts';
import { markOf, type Contact } from '../../domain/registrations.ts';
import { itemAfter, type SyncItem, type SyncItemEvent } from '../../domain/syncItem.ts';
import type { Instant } from '../../domain/time.ts';

/** What syncs that have told a device by this line, and wait for it, would hear by an event; empty when they have it already. */
export async function newToSyncs(
  store: Pick<Store, 'syncItemsAwaited'>,
  { id, mac }: Pick<Line, 'id' | 'mac'>,
  event: SyncItemEvent,
): Promise<readonly SyncItem[]> {
  const awaited = await store.syncItemsAwaited(mac);
  return awaited.filter((item) => item.lineId === id && itemAfter(item, event, 0) !== item);
}

/** Takes the event into all of them, inside the caller's transaction. */
export async function noteInSyncs(
  store: Store,
  line: Pick<Line, 'id' | 'mac'>,
  event: SyncItemEvent,
  now: Instant,
): Promise<void> {
  for (const item of await newToSyncs(store, line, event)) await putItem(store, itemAfter(item, event, now));
}

export async function putItem(store: Pick<Store, 'updateSyncItem'>, item: SyncItem): Promise<void> {
  const { syncId, mac, ...rest } = item;
  await store.updateSyncItem(syncId, mac, rest);
}

/** The current registration of a line, as an event. */
export function registeredAs(contact: Contact): Extract<SyncItemEvent, { kind: 'registered' }> {
  return { kind: 'registered', mark: markOf(contact), expiresAt: contact.expiresAt };
}
