import { randomUUID } from 'node:crypto';
import { isAmongOthers, isDefaultLine, type Device, type Line } from '../../domain/device.ts';
import type { HandOver } from '../../domain/handOver.ts';
import type { Store } from '../../domain/ports.ts';
import type { Instant } from '../../domain/time.ts';
import { handOverTo } from './beginHandOver.ts';

/**
 * Ends lines of a device, inside the caller's transaction: their accounts go at once, and what is left to do about each is a
 * farewell. `tellAt`: where the phone is told, for the lines of which nothing else tells it.
 */
export async function endLines(
  store: Store,
  now: Instant,
  { mac, family, tenantId }: Pick<Device, 'mac' | 'family' | 'tenantId'>,
  lines: readonly Line[],
  tellAt: (line: Line, handOver: HandOver | undefined) => string | null = () => null,
): Promise<void> {
  for (const line of lines) {
    const handOver = await handOverTo(store, [line]);
    await store.addFarewell({
      key: randomUUID(),
      aor: line.endpoint,
      whole: isDefaultLine(line),
      mac,
      seenAs: line.seenAs,
      fetchedFrom: line.address,
      notIts: handOver?.contactsBefore ?? [],
      amongOthers: isAmongOthers(line),
      contact: line.contact,
      notify: tellAt(line, handOver),
      family: line.askedAs?.family ?? family,
      tenantId,
      told: false,
      createdAt: now,
      nextAttemptAt: 0,
    });
    await store.removeLine(line.id);
    // Nobody waits for this line any more.
    if (handOver !== undefined) await store.removeHandOver(mac, handOver.slot);
  }
}
