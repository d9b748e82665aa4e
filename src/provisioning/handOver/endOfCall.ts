import type { HandOver } from '../../domain/handOver.ts';
import type { Instant } from '../../domain/time.ts';
import type { Ports } from '../ports.ts';
import { moveHandOver } from './moveHandOver.ts';

/** The call from this line is over: check-sync goes out now. */
export async function endOfCall(
  ports: Pick<Ports, 'store' | 'times' | 'now' | 'wake'>,
  { mac, slot }: Pick<HandOver, 'mac' | 'slot'>,
): Promise<void> {
  await ports.store.transaction(async (store) => {
    const [device, handOver] = [await store.device(mac), await store.handOver(mac, slot)];
    if (device === undefined || handOver === undefined) return;
    await moveHandOver(store, ports, device, handOver, { kind: 'call_ended' });
  });
  ports.wake();
}

/** The same for all calls in which something was accepted before `since`: a process that has died served them. */
export async function endOfCallsBefore(
  ports: Pick<Ports, 'store' | 'times' | 'now' | 'wake'>,
  since: Instant,
): Promise<void> {
  for (const handOver of await ports.store.dueHandOvers(Infinity)) {
    if (handOver.acceptedAt < since) await endOfCall(ports, handOver);
  }
}
