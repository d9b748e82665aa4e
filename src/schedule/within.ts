import { setTimeout as pause } from 'node:timers/promises';

/** The promise, but rejecting with `late` when it takes longer than the limit, in milliseconds. */
export async function within<T>(promise: Promise<T>, limit: number, late: () => Error): Promise<T> {
  const settled = new AbortController();
  const over = pause(limit, undefined, { signal: settled.signal }).then(
    () => Promise.reject(late()),
    () => promise,
  );
  try {
    return await Promise.race([promise, over]);
  } finally {
    settled.abort();
  }
}
