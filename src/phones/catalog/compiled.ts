import { createHash } from 'node:crypto';

/**
 * What was read of files and accepted before, by their names and contents: nothing is there of one that has changed since. It
 * belongs to one build of this program, by whose rules it was accepted.
 */
export interface Compiled {
  get(key: string): unknown;
  keep(key: string, data: unknown): void;
}

export const NOTHING_COMPILED: Compiled = { get: () => undefined, keep: () => undefined };

/** What was kept, as JSON: an object by key. */
export function compiledIn(json: string): Compiled {
  const kept = new Map(Object.entries(JSON.parse(json) as Record<string, unknown>));
  return { get: (key) => kept.get(key), keep: () => undefined };
}

/** Of names and contents, in their order. */
export function keyOf(files: Iterable<readonly [name: string, text: string]>): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(JSON.stringify(file));
  return hash.digest('base64url');
}
