import { setTimeout as pause } from 'node:timers/promises';
import { waitFor, within, type WaitOptions } from '../../src/virtualPhone/wait.ts';

/** Tests wait as the phones do that they play. */
export { waitFor, within };

/**
 * Resolves when the condition has held all the time, rejects at the first look at which it does not: for what must *not*
 * happen.
 */
export async function staysTrue(condition: () => boolean, options: WaitOptions): Promise<void> {
  const { limit = 1000, every = 10, what } = options;
  const until = performance.now() + limit;
  while (performance.now() < until) {
    if (!condition())
      throw new Error(`${typeof what === 'string' ? what : what()} did not stay so for ${limit / 1000} s`);
    await pause(every);
  }
}
