import type { Knex } from 'knex';
import type { Engine } from '../engine.ts';
import { groups, type OnTransaction } from '../groups.ts';

/** Names a lock of ours among all programs of this server's database: of whoever writes. */
const WRITERS_LOCK = 7_356_769;
/** Each takes as long as several questions to the server: who comes first does not wait for many. */
const MOST_AT_ONCE = 20;

/**
 * Transactions of this process: see `openPostgres`. Those that wait do so here, and not with a connection each: readers need
 * these.
 */
export function transactionsOn(
  database: Knex,
  run: Engine['run'],
  isBusy: (error: unknown) => boolean,
  onTransaction: OnTransaction = () => undefined,
): Engine['transaction'] {
  return groups(database, {
    async begin(transaction) {
      await run(transaction, 'SELECT pg_advisory_xact_lock(?)', [WRITERS_LOCK]);
    },
    say: (transaction, sql) => run(transaction, sql, []),
    isOver: () => false,
    isBusy,
    mostAtOnce: MOST_AT_ONCE,
    onTransaction,
  });
}
