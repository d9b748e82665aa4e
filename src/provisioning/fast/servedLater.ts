import type { Mac } from '../../domain/mac.ts';
import type { Served, Store } from '../../domain/ports.ts';

/** Milliseconds from a fetch until it is written that it was. */
const WITHIN_MS = 200;
/** So many are not kept in memory longer. */
const MOST = 2000;

/** Writes behind that devices have been served, many at once. */
export interface ServedLater {
  note(served: Served): void;
  has(mac: Mac): boolean;
  isEmpty(): boolean;
  /** Resolves when all that was noted until now is written; rejects when it cannot be, and keeps it then. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** `failed` hears why it could not be written; it is tried again. */
export function servedLater(store: Pick<Store, 'transaction'>, failed: (error: unknown) => void): ServedLater {
  const waiting = new Map<Mac, Served>();
  let timer: NodeJS.Timeout | undefined;
  let flushing: Promise<void> | undefined;

  function later(): void {
    timer ??= setTimeout(() => {
      timer = undefined;
      void flush().catch(failed);
    }, WITHIN_MS);
  }

  async function write(): Promise<void> {
    const batch = [...waiting.values()];
    try {
      await store.transaction((inside) => inside.updateServed(batch));
      for (const served of batch) if (waiting.get(served.mac) === served) waiting.delete(served.mac);
    } finally {
      flushing = undefined;
      if (waiting.size > 0) later();
    }
  }

  /** One after the other: what is noted while one is under way is in the next. */
  async function flush(): Promise<void> {
    if (flushing !== undefined) await flushing.catch(() => undefined);
    if (waiting.size > 0) await (flushing ??= write());
  }

  return {
    note(served) {
      waiting.set(served.mac, served);
      if (waiting.size < MOST) later();
      else void flush().catch(failed);
    },
    has: (mac) => waiting.has(mac),
    isEmpty: () => waiting.size === 0,
    flush,
    async close() {
      await flush().catch(failed);
      clearTimeout(timer);
      waiting.clear();
    },
  };
}
