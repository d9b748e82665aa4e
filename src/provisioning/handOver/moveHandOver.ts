import type { Device } from '../../domain/device.ts';
import { step, type HandOver, type HandOverEvent, type Move } from '../../domain/handOver.ts';
import type { Store } from '../../domain/ports.ts';
import type { Ports } from '../ports.ts';

/**
 * Takes one event into a hand-over of a device: reads, steps, writes and tells, inside the caller's transaction.
 * `undefined` when the device has none, or not the one that is meant any more.
 */
export async function moveHandOver(
  store: Store,
  { times, now }: Pick<Ports, 'times' | 'now'>,
  device: Device,
  meant: Pick<HandOver, 'id' | 'slot'>,
  event: HandOverEvent,
): Promise<Move | undefined> {
  const before = await store.handOver(device.mac, meant.slot);
  if (before?.id !== meant.id) return undefined;
  const move = step(before, event, now(), times);
  if (move.handOver !== before) await store.putHandOver(move.handOver);
  const line = move.journal.length > 0 ? await store.line(before.lineId) : undefined;
  for (const { step: what, detail } of move.journal) {
    const about = { tenantId: device.tenantId, mac: device.mac, userId: line?.userId ?? null };
    await store.addEvent({ step: what, ...about, detail });
  }
  return move;
}
