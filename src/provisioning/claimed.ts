import { chunks } from '../domain/chunks.ts';
import { elapsedFromNow } from '../domain/elapsed.ts';
import type { Claimable, Claims } from '../domain/ports.ts';

/** Longer than anything that is done under a claim takes: a question to Asterisk is given up after ten seconds. */
const CLAIM_MS = 30_000;
/** Of a thousand due things two processes do about half each. */
const AT_ONCE = 100;

export interface IsStillMine {
  /** Whether no other process can have taken it over: this one may have been stopped for a while without knowing. */
  readonly isStillMine: () => boolean;
}

/**
 * Does `work` with those of these that nobody else is at, a hundred at a time, and gives them back. Nobody waits for what
 * somebody else is at.
 */
export async function claimed(
  store: Claims,
  what: Claimable,
  keys: readonly string[],
  work: (mine: readonly string[], isStillMine: () => boolean) => Promise<void>,
): Promise<void> {
  for (const some of chunks(keys, AT_ONCE)) {
    const age = elapsedFromNow();
    const mine = await store.claim(what, some, CLAIM_MS);
    if (mine.length === 0) continue;
    try {
      await work(mine, () => age() < CLAIM_MS);
    } finally {
      await store.giveBack(what, mine);
    }
  }
}
