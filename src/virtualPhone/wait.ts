import { setTimeout as pause } from 'node:timers/promises';
import { within as inTime } from '../schedule/within.ts';

export interface WaitOptions {
  /** What is waited for, as it shall stand in the failure: "… did not happen within 5 s". A function is asked at the end. */
  readonly what: string | (() => string);
  /** Milliseconds, 5000 unless told. */
  readonly limit?: number;
  /** Milliseconds between two looks, 10 unless told. */
  readonly every?: number;
}

/**
 * Looks again and again until the condition gives something other than `undefined`, `null` or `false`, and resolves with
 * that. A condition that throws is not met yet; its last error becomes the cause of the failure.
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  options: WaitOptions,
): Promise<Exclude<T, undefined | null | false>> {
  const { limit = 5000, every = 10 } = options;
  const giveUpAt = performance.now() + limit;
  let cause: unknown;
  for (;;) {
    try {
      const found = await condition();
      if (isMet(found)) return found;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (performance.now() > giveUpAt) throw new Error(tooLate(options, limit), { cause });
    await pause(every);
  }
}

/** The promise, but rejecting when it takes longer than the limit. */
export function within<T>(promise: Promise<T>, options: WaitOptions): Promise<T> {
  const { limit = 5000 } = options;
  return inTime(promise, limit, () => new Error(tooLate(options, limit)));
}

function isMet<T>(value: T): value is Exclude<T, undefined | null | false> {
  return value !== undefined && value !== null && value !== false;
}

function tooLate({ what }: WaitOptions, limit: number): string {
  return `${typeof what === 'string' ? what : what()} did not happen within ${limit / 1000} s`;
}
