import { DatabaseError, SelfprovError } from '../../domain/errors.ts';
import type { Secret } from '../../domain/secret.ts';
import type { Engine } from '../engine.ts';
import type { OnTransaction } from '../groups.ts';
import { saidBy } from '../knexOptions.ts';
import { migrate, migrationsOf } from '../migrate.ts';
import { connect } from './connect.ts';
import { CHANNEL, listenPostgres } from './listenPostgres.ts';
import { letRead, readersOf } from './readers.ts';
import { UNANSWERED } from './oneAfterAnother.ts';
import { statementsOn } from './statementsOn.ts';
import { transactionsOn } from './transactionsOn.ts';

/** Milliseconds. */
const QUERY_LIMIT = 15_000;
/** Of who holds a lock and has stopped, or whose machine is gone, PostgreSQL gives up the transaction. */
const STOPPED_LIMIT = 5000;
const LOCK_LIMIT = 10_000;
/** Milliseconds that one step of a migration may take, and the wait for somebody else who migrates. */
export const MIGRATION_LIMIT = 600_000;
/** Names a lock of ours among all programs of this server's database: of whoever migrates. */
const MIGRATION_LOCK = 7_356_768;

/**
 * Opens a PostgreSQL database, 12 or later, and brings its schema up to date: the database itself and a role that may create
 * tables in it have to be there. Rejects with `unavailable` when it cannot be used.
 *
 * One writes at a time, of all processes, as with SQLite, and readers never wait. PostgreSQL's own serialisable transactions
 * were tried: what they look at in small tables counts as the whole table, so that of twenty hand-overs at once nearly all
 * had to begin again and some never got through; in turn a thousand take half a minute.
 */
export async function openPostgres(url: Secret, onTransaction: OnTransaction = () => undefined): Promise<Engine> {
  const { database, drop } = connect(url, {
    query_timeout: QUERY_LIMIT,
    lock_timeout: LOCK_LIMIT,
    idle_in_transaction_session_timeout: STOPPED_LIMIT,
  });
  try {
    if ((await migrationsOf(database)).pending > 0) await upToDate(url);
  } catch (cause) {
    await database.destroy();
    const hasNoRight = (cause as { code?: unknown }).code === NO_RIGHT;
    const why = saidBy(cause as Error) + (hasNoRight ? ': let the role of the URL own the database' : '');
    throw new SelfprovError('unavailable', `cannot use the PostgreSQL database: ${why}`, { cause });
  }
  const run = statementsOn(database);
  function judge(error: unknown): ReturnType<Engine['judge']> {
    const isChanged = error instanceof Error && 'code' in error && error.code === OTHER_COLUMNS;
    if (!isChanged) return judgementOf(error);
    // Each connection has planned what it is asked; new ones plan anew.
    drop();
    return 'again';
  }
  return {
    database,
    clock: '(EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::bigint',
    judge,
    json: { array: 'json_build_array', group: 'json_agg' },
    run,
    transaction: transactionsOn(database, run, (error) => judge(error) === 'again', onTransaction),
    async tell(transaction, what) {
      await run(transaction, 'SELECT pg_notify(?, ?)', [CHANNEL, what]);
    },
    listen: (hearer, log) => listenPostgres(url, hearer, drop, log),
    close: () => database.destroy(),
  };
}

/**
 * One process migrates, others wait for it: the lock ends with its connections. What marks a migration under way is a crash's
 * once the lock is ours.
 */
async function upToDate(url: Secret): Promise<void> {
  const { database } = connect(url, { query_timeout: MIGRATION_LIMIT });
  try {
    const lock = await database.client.acquireConnection();
    await database.raw('SELECT pg_advisory_lock(?)', [MIGRATION_LOCK]).connection(lock);
    const readers = await readersOf(database);
    await migrate(database, (free) => free());
    await letRead(database, readers);
    await database.raw('SELECT pg_advisory_unlock(?)', [MIGRATION_LOCK]).connection(lock);
    await database.client.releaseConnection(lock);
  } finally {
    await database.destroy();
  }
}

const NO_RIGHT = '42501';
/** A table has been given other columns since, by a newer version of ours: "cached plan must not change result type". */
const OTHER_COLUMNS = '0A000';
/**
 * Classes of SQLSTATE: deadlock, and a lock that is not given; what is said of connections that are or have been lost, and of a
 * server that is a copy of another until it takes its place, or has no room.
 */
const IN_THE_WAY = new Set(['40001', '40P01', '55P03']);
const OUT_OF_REACH = /^(?:08|53|57P|25006$|25P03$)/;
const NETWORK =
  /^(?:ECONN(?:REFUSED|RESET|ABORTED)|ETIMEDOUT|EPIPE|ENOTFOUND|EAI_AGAIN|E(?:HOST|NET)(?:UNREACH|DOWN)|EADDRNOTAVAIL)$/;

function judgementOf(error: unknown): 'again' | 'later' | Error {
  if (!(error instanceof Error)) return new Error(String(error));
  const code = 'code' in error ? String(error.code) : '';
  if (IN_THE_WAY.has(code)) return 'again';
  if (OUT_OF_REACH.test(code) || NETWORK.test(code) || isLost(error)) return 'later';
  if (!/^[0-9A-Z]{5}$/.test(code)) return error;
  return new DatabaseError(`the database says: ${saidBy(error)} (${code})`);
}

/** pg and knex have no code for these. */
function isLost(error: Error): boolean {
  const said = saidBy(error);
  return (
    error.name === 'KnexTimeoutError' ||
    said.startsWith(UNANSWERED) ||
    /^(?:Connection terminated|timeout expired$|timeout exceeded when trying to connect)/.test(said) ||
    said.includes('not queryable')
  );
}
