import type { Claims } from '../../src/domain/ports.ts';

export interface Claim {
  readonly what: string;
  readonly key: string;
  readonly holder: string;
  readonly until: number;
}

/** What the database does, over a clock that the test sets; `all` is shared by those who share a database. */
export function fakeClaims(all: Map<string, Claim>, now: () => number, holder: string): Claims {
  const nameOf = (what: string, key: string): string => `${what} ${key}`;
  return {
    async claim(what, keys, forMs) {
      const mine = [...new Set(keys)].filter((key) => {
        const before = all.get(nameOf(what, key));
        return before === undefined || before.until <= now() || before.holder === holder;
      });
      for (const key of mine) all.set(nameOf(what, key), { what, key, holder, until: now() + forMs });
      return mine;
    },
    async giveBack(what, keys) {
      for (const key of keys) if (all.get(nameOf(what, key))?.holder === holder) all.delete(nameOf(what, key));
    },
    async abandoned(what) {
      return [...all.values()].filter((claim) => claim.what === what && claim.until <= now()).map(({ key }) => key);
    },
  };
}
