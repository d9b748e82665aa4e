import { setMaxListeners } from 'node:events';

/**
 * Does `work` with a signal that fires as soon as one of `signals` does. `AbortSignal.any` is not used where one of them
 * lives as long as the process: Node 20 then keeps everything that was ever made of it, 2 KB each time.
 */
export async function untilAny<T>(
  signals: readonly AbortSignal[],
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const either = new AbortController();
  const stop = (): void => either.abort();
  setMaxListeners(0, ...signals);
  for (const signal of signals) {
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
  }
  try {
    return await work(either.signal);
  } finally {
    for (const signal of signals) signal.removeEventListener('abort', stop);
  }
}
