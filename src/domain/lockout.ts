import type { Instant } from './time.ts';

/** Wrong secrets in a row for one extension or one device. */
export interface Tries {
  readonly wrong: number;
  /** How often it has been locked since the last right secret. */
  readonly locks: number;
  readonly lockedUntil: Instant | null;
}

/** Wrong secrets in a row that lock an extension or a device. */
export const WRONG_IN_A_ROW = 5;
export const FIRST_LOCK_MS = 5 * 60_000;
export const LONGEST_LOCK_MS = 24 * 60 * 60_000;

export const NO_TRIES: Tries = { wrong: 0, locks: 0, lockedUntil: null };

export function isLocked(tries: Tries, now: Instant): boolean {
  return tries.lockedUntil !== null && tries.lockedUntil > now;
}

/**
 * One more wrong secret. The fifth in a row locks for five minutes, each further five for twice as long as the last
 * time, at most a day. With six-digit PINs that leaves a guesser about 40 tries on the first day and 5 on each later one.
 */
export function afterWrong(tries: Tries, now: Instant): Tries {
  const wrong = tries.wrong + 1;
  if (wrong < WRONG_IN_A_ROW) return { ...tries, wrong };
  const duration = Math.min(FIRST_LOCK_MS * 2 ** tries.locks, LONGEST_LOCK_MS);
  return { wrong: 0, locks: tries.locks + 1, lockedUntil: now + duration };
}
