import { chunks } from '../domain/chunks.ts';
import type { Claims } from '../domain/ports.ts';
import type { Query } from './query.ts';
import type { Row } from './table.ts';

/** Rows of one statement: SQLite takes so many values at least. */
const ROWS_AT_ONCE = 1000;

/**
 * `holder` names this process. One statement looks and takes: of two who come at the same moment the second waits for the
 * first, and finds it taken. The clock is the database's, the same for all.
 */
export function claimsIn(query: Query, holder: string): Claims {
  const { database, clock } = query;
  const table = (): ReturnType<typeof database> => database('claims');

  return {
    async claim(what, keys, forMs) {
      const taken: string[] = [];
      // In one order: two who take some of the same ones in different orders would wait for each other.
      const sorted = [...new Set(keys)].toSorted();
      for (const some of chunks(sorted, ROWS_AT_ONCE)) {
        const until = database.raw(`${clock} + ?`, [forMs]);
        const rows = some.map((key) => ({ what, key, holder, until }));
        const mine = (await table()
          .insert(rows)
          .onConflict(['what', 'key'])
          .merge(['holder', 'until'])
          .where((free) => void free.where('claims.until', '<=', database.raw(clock)).orWhere('claims.holder', holder))
          .returning('key')) as Row[];
        taken.push(...mine.map(({ key }) => String(key)));
      }
      return taken;
    },
    async giveBack(what, keys) {
      for (const some of chunks(keys, ROWS_AT_ONCE))
        await table().where({ what, holder }).whereIn('key', some).delete();
    },
    async abandoned(what) {
      const rows = (await table().where({ what }).where('until', '<=', database.raw(clock)).select('key')) as Row[];
      return rows.map(({ key }) => String(key));
    },
  };
}
