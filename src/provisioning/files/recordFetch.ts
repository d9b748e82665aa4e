import type { Claim } from '../../domain/admission.ts';
import { concerns } from '../../domain/handOver.ts';
import type { Ports } from '../ports.ts';
import { moveHandOver } from '../handOver/moveHandOver.ts';
import type { Admitted } from './admit.ts';

/**
 * The file has arrived whole. What had been put off is written, and the hand-over that waits for this line goes on; a
 * hand-over that began meanwhile waits for another line.
 */
export async function recordFetch(
  ports: Pick<Ports, 'store' | 'times' | 'now'>,
  { device, lines, handOver, settle }: Admitted,
  claim: Claim,
): Promise<void> {
  const waits = handOver !== undefined && handOver.state !== 'done' && lines.some((line) => concerns(handOver, line));
  if (!waits && settle === undefined) return;
  await ports.store.transaction(async (store) => {
    await settle?.(store);
    if (!waits) return;
    const current = await store.device(device.mac);
    const withNewToken = lines.some(({ token }) => token.reveal() === claim.token?.reveal());
    if (current !== undefined) await moveHandOver(store, ports, current, handOver, { kind: 'fetched', withNewToken });
  });
}
