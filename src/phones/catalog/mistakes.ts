import { SelfprovError } from '../../domain/errors.ts';

/** Collects everything wrong with a set of families, so that all of it can be said at once. */
export interface Mistakes {
  add(file: string, line: number | undefined, reason: string): void;
  /** Throws `invalid` with one mistake per line, when there is any. */
  throwAny(): void;
}

export function collectMistakes(): Mistakes {
  const found: string[] = [];
  return {
    add: (file, line, reason) => found.push(`${file}${line === undefined ? '' : `:${line}`}: ${reason}`),
    throwAny: () => {
      if (found.length === 0) return;
      throw new SelfprovError('invalid', found.join('\n'), { reason: 'families' });
    },
  };
}
