import { waitFor } from './wait.ts';

/** Things that arrive one by one and are taken one by one, oldest first. */
export interface Mailbox<T> {
  put(thing: T): void;
  /** The oldest thing that nobody has taken. */
  take(options: { readonly what: string | (() => string); readonly limit?: number }): Promise<T>;
  /** Everything that ever arrived, taken or not. */
  readonly all: readonly T[];
}

export function mailbox<T extends object>(): Mailbox<T> {
  const all: T[] = [];
  let taken = 0;
  return {
    all,
    put: (thing) => void all.push(thing),
    take: async (options) => {
      const found = await waitFor(() => all[taken], options);
      taken += 1;
      return found;
    },
  };
}
