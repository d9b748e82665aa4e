import type { Knex } from 'knex';
import type { Engine } from '../engine.ts';

/** Names a lock of ours among all programs of this server's database: of whoever writes. */
const WRITERS_LOCK = 7_356_769;

/** Transactions of this process: see `openPostgres`. */
export function transactionsOn(database: Knex): Engine['transaction'] {
  const inTurn = queue();
  return (work) =>
    inTurn(() =>
      database.transaction(async (transaction) => {
        await transaction.raw('SELECT pg_advisory_xact_lock(?)', [WRITERS_LOCK]);
        return work(transaction);
      }),
    );
}

/** Those of this process wait here, and not with a connection each: readers need these. */
function queue(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work, work);
    last = mine.catch(() => undefined);
    return mine;
  };
}
