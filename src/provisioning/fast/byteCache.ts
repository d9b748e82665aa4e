/** What was used lately, up to a number of bytes; what was not used for long goes first. */
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
  /** In the order in which they were used, or near to it. */
  const entries = new Map<string, { readonly value: T; readonly bytes: number; usedAt: number }>();
  let total = 0;
  let uses = 0;

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
      uses += 1;
      // What is near the end anyway is left where it is: moving takes longer than finding.
      if (uses - entry.usedAt > entries.size >> 1) {
        entry.usedAt = uses;
        entries.delete(key);
        entries.set(key, entry);
      }
      return entry.value;
    },
    put(key, value, bytes) {
      remove(key);
      entries.set(key, { value, bytes: bytes + OVERHEAD, usedAt: uses });
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
