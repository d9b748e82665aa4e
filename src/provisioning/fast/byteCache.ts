/** What was used lately, up to a number of bytes; the least lately used goes first. */
export interface ByteCache<T> {
  get(key: string): T | undefined;
  /** `bytes`: about how much memory it takes. */
  put(key: string, value: T, bytes: number): void;
  delete(key: string): void;
  clear(): void;
}

/** What each entry takes besides its value. */
const OVERHEAD = 200;

/** `gone` hears of each entry that goes, or is put anew. */
export function byteCache<T>(mostBytes: number, gone: (value: T) => void = () => undefined): ByteCache<T> {
  /** In the order in which they were used. */
  const entries = new Map<string, { readonly value: T; readonly bytes: number }>();
  let total = 0;

  function remove(key: string): void {
    const entry = entries.get(key);
    if (entry === undefined) return;
    total -= entry.bytes;
    entries.delete(key);
    gone(entry.value);
  }

  return {
    get(key) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      entries.delete(key);
      entries.set(key, entry);
      return entry.value;
    },
    put(key, value, bytes) {
      remove(key);
      entries.set(key, { value, bytes: bytes + OVERHEAD });
      total += bytes + OVERHEAD;
      for (const [oldest] of entries) {
        if (total <= mostBytes) break;
        remove(oldest);
      }
    },
    delete: remove,
    clear() {
      for (const key of [...entries.keys()]) remove(key);
    },
  };
}
