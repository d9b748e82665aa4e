/** Milliseconds from what is noted until it is written. */
const WITHIN_MS = 200;

/** What is written behind, many at once. */
export interface WriteBehind<T> {
  note(value: T): void;
  has(key: string): boolean;
  isEmpty(): boolean;
  size(): number;
  /** Resolves when all that was noted until now is written; rejects when it cannot be, and keeps it then. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

interface Writing<T> {
  /** Of two with the same key the later one is kept. */
  readonly keyOf: (value: T) => string;
  /** So many are written at once, and before their time. */
  readonly most: number;
  readonly write: (values: readonly T[]) => Promise<void>;
  /** Hears why they could not be written; it is tried again. */
  readonly failed: (error: unknown) => void;
}

export function writeBehind<T>({ keyOf, most, write, failed }: Writing<T>): WriteBehind<T> {
  const waiting = new Map<string, T>();
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;

  function later(): void {
    timer ??= setTimeout(() => {
      timer = undefined;
      void flush().catch(failed);
    }, WITHIN_MS);
  }

  async function writeSome(): Promise<void> {
    const some = [...waiting].slice(0, most);
    try {
      await write(some.map(([, value]) => value));
      for (const [key, value] of some) if (waiting.get(key) === value) waiting.delete(key);
    } finally {
      writing = undefined;
      if (waiting.size > 0) later();
    }
  }

  /** One after the other: what is noted while one is under way is in the next. */
  async function flush(): Promise<void> {
    if (writing !== undefined) await writing.catch(() => undefined);
    const until = [...waiting];
    for (const [key, value] of until) if (waiting.get(key) === value) await (writing ??= writeSome());
  }

  return {
    note(value) {
      waiting.set(keyOf(value), value);
      if (waiting.size < most || writing !== undefined) later();
      else void flush().catch(failed);
    },
    has: (key) => waiting.has(key),
    isEmpty: () => waiting.size === 0,
    size: () => waiting.size,
    flush,
    async close() {
      await flush().catch(failed);
      clearTimeout(timer);
      waiting.clear();
    },
  };
}
