import { isRefusal } from '../domain/errors.ts';
import type { Store } from '../domain/ports.ts';

type Work = () => Promise<unknown>;

/** Of each store, oldest first. */
const kept = new WeakMap<Pick<Store, 'transaction'>, Map<unknown, Work>>();

/**
 * Writes down what has happened and will not happen again: a file has arrived, a phone has been told or heard of. While the
 * database cannot be reached it is kept, once for each `key`, and written by a `catchUp` later; only the end of the process
 * forgets it.
 */
export async function writeDown(store: Pick<Store, 'transaction'>, work: Work, key: unknown = work): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isRefusal(error, 'unavailable')) throw error;
    kept.set(store, (kept.get(store) ?? new Map<unknown, Work>()).set(key, work));
  }
}

/** Writes what was kept. To be called before it is decided what is due. */
export async function catchUp(store: Pick<Store, 'transaction'>, onError: (error: unknown) => void): Promise<void> {
  const its = kept.get(store);
  for (const [key, work] of its ?? []) {
    its?.delete(key);
    await writeDown(store, work, key).catch(onError);
    // It still cannot be reached: one in vain is enough.
    if (its?.has(key) === true) return;
  }
}
