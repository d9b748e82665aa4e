import type { Claim } from '../../domain/admission.ts';
import type { Line } from '../../domain/device.ts';
import { concerns, type HandOver } from '../../domain/handOver.ts';
import type { Store } from '../../domain/ports.ts';
import type { SyncItemEvent } from '../../domain/syncItem.ts';
import type { Ports } from '../ports.ts';
import { noteGiven } from '../handOver/formers.ts';
import { moveHandOver } from '../handOver/moveHandOver.ts';
import { newToSyncs, noteInSyncs } from '../sync/noteInSyncs.ts';
import { writeDown } from '../writeDown.ts';
import type { Admitted } from './admit.ts';

/**
 * The file has arrived whole. What had been put off is written, and the hand-overs and syncs that wait for its lines go on;
 * a hand-over that began meanwhile waits for another line.
 */
export async function recordFetch(
  ports: Pick<Ports, 'store' | 'times' | 'now'>,
  admitted: Admitted,
  claim: Claim,
): Promise<void> {
  // Nobody can have told a phone that was not known when it asked.
  if (admitted.admission.kind === 'enrol' && admitted.settle === undefined) return;
  const fetched = { kind: 'fetched', at: ports.now() } as const;
  await writeDown(ports.store, () => record(ports, admitted, claim, fetched));
}

async function record(
  ports: Pick<Ports, 'store' | 'times' | 'now'>,
  { device, lines, handOvers, settle }: Admitted,
  claim: Claim,
  fetched: SyncItemEvent,
): Promise<void> {
  const waiting = handOvers.filter((each) => each.state !== 'done' && lines.some((line) => concerns(each, line)));
  const toSyncs = await Promise.all(lines.map((line) => newToSyncs(ports.store, line, fetched)));
  const isNew = ({ former }: Line): boolean => former !== null && former.fetchedAt === null;
  if (waiting.length === 0 && settle === undefined && toSyncs.flat().length === 0 && !lines.some(isNew)) return;
  await ports.store.transaction(async (store) => {
    await settle?.(store);
    const current = await store.device(device.mac);
    if (current === undefined) return;
    const withNewToken = lines.some(({ token }) => token.reveal() === claim.token?.reveal());
    for (const each of waiting) {
      const move = await moveHandOver(store, ports, current, each, { kind: 'fetched', withNewToken });
      if (move === undefined) await nowHolds(store, each, lines, claim);
    }
    for (const line of lines) {
      await noteInSyncs(store, line, fetched, ports.now());
      if (isNew(line)) await noteGiven(store, line, ports.now());
    }
  });
}

/**
 * The device was given to somebody else while the file of a default line was on its way to it: by the token in that file it
 * shows next who it is, on each of its ports, if it has shown so by the one before.
 */
async function nowHolds(store: Store, meant: HandOver, lines: readonly Line[], { token }: Claim): Promise<void> {
  const [line] = lines;
  const isShown = ({ previousToken }: HandOver): boolean =>
    previousToken !== null && previousToken.reveal() === token?.reveal();
  if (line === undefined || !isShown(meant)) return;
  for (const current of await store.handOversOf(meant.mac)) {
    if (current.fetchedAt === null && isShown(current))
      await store.putHandOver({ ...current, previousToken: line.token });
  }
}
