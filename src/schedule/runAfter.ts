export interface RunAfter {
  /** Does the work for `key` a moment later; asked again before that moment, once for both. */
  add(key: string): void;
  /** Resolves when the work that is being done has ended; what still waits is dropped. */
  close(): Promise<void>;
}

/** Does `work` a fixed time after something has begun to happen, so that it is over by then. `work` must not reject. */
export function runAfter(work: (key: string) => Promise<void>, afterMs: number): RunAfter {
  const waiting = new Map<string, NodeJS.Timeout>();
  const running = new Set<Promise<void>>();

  function begin(key: string): void {
    waiting.delete(key);
    const done = work(key).finally(() => running.delete(done));
    running.add(done);
  }

  return {
    add(key) {
      if (!waiting.has(key)) waiting.set(key, setTimeout(begin, afterMs, key));
    },
    async close() {
      for (const timer of waiting.values()) clearTimeout(timer);
      waiting.clear();
      await Promise.all(running);
    },
  };
}
