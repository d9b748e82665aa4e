import { setTimeout as pause } from 'node:timers/promises';

export interface PollLoop {
  /** Does the work at once; once more when it is being done already. */
  wake(): void;
  /** Resolves when the work that is being done has ended. */
  close(): Promise<void>;
}

/**
 * Does `work` every so many milliseconds and whenever woken, never twice at a time. `work` must not reject; it may resolve
 * with another pause than the usual one.
 */
export function pollLoop(work: () => Promise<number | void>, everyMs: number): PollLoop {
  let closed = false;
  let woken = new AbortController();

  async function run(): Promise<void> {
    while (!closed) {
      woken = new AbortController();
      const pauseMs = (await work()) ?? everyMs;
      await pause(pauseMs, undefined, { signal: woken.signal }).catch(() => undefined);
    }
  }

  const running = run();
  return {
    wake: () => woken.abort(),
    async close() {
      closed = true;
      woken.abort();
      await running;
    },
  };
}
