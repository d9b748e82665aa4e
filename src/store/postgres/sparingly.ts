/** Milliseconds. */
const LET_BE = 250;

/**
 * Who comes right after an attempt that has failed fails like it, without one: while the database is away each attempt takes
 * seconds, and of those who write one after the other everybody would wait for all the attempts before.
 */
export function sparingly<T>(attempt: () => Promise<T>): () => Promise<T> {
  let failed: { readonly at: number; readonly error: unknown } | undefined;
  return async () => {
    if (failed !== undefined && performance.now() - failed.at < LET_BE) throw failed.error;
    try {
      const result = await attempt();
      failed = undefined;
      return result;
    } catch (error) {
      failed = { at: performance.now(), error };
      throw error;
    }
  };
}
