import knex, { type Knex } from 'knex';
import pg from 'pg';
import { DatabaseError, SelfprovError } from '../../domain/errors.ts';
import type { Secret } from '../../domain/secret.ts';
import type { Engine } from '../engine.ts';
import { migrate, migrationsOf } from '../migrate.ts';
import type { Row } from '../table.ts';

const CONNECTIONS = 10;
/** Milliseconds. A server that has stopped answering is given up on; what it was asked may still have been done. */
const CONNECT_LIMIT = 3000;
const QUERY_LIMIT = 15_000;
/** Names the lock of whoever migrates, among all programs of this server's database. */
const MIGRATION_LOCK = 7_356_768;

// Counts and times are numbers here: neither comes near to 2^53.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

/**
 * Opens a PostgreSQL database, 12 or later, and brings its schema up to date: the database itself and a role that may create
 * tables in it have to be there. Rejects with `unavailable` when it cannot be used.
 */
export async function openPostgres(url: Secret): Promise<Engine> {
  const database = knex({
    client: 'pg',
    connection: {
      connectionString: url.reveal(),
      application_name: 'selfprov',
      connectionTimeoutMillis: CONNECT_LIMIT,
      query_timeout: QUERY_LIMIT,
      keepAlive: true,
      keepAliveInitialDelayMillis: CONNECT_LIMIT,
    },
    compileSqlOnError: false,
    log: { debug() {}, warn() {}, error() {}, deprecate() {} },
    pool: { min: 0, max: CONNECTIONS },
  });
  try {
    await upToDate(database);
  } catch (cause) {
    await database.destroy();
    const why = (cause as Error).message;
    throw new SelfprovError('unavailable', `cannot use the PostgreSQL database: ${why}`, { cause });
  }
  return {
    database,
    judge,
    run: async (on, sql, values) =>
      ((await on.raw(sql, values as Knex.RawBinding[])) as { readonly rows: readonly Row[] }).rows,
    transaction: (work) => database.transaction(work, { isolationLevel: 'serializable' }),
    close: () => database.destroy(),
  };
}

/** One process migrates, others wait for it. What marks a migration under way is a crash's once the lock is ours. */
async function upToDate(database: Knex): Promise<void> {
  if ((await migrationsOf(database)).pending === 0) return;
  const lock = await database.client.acquireConnection();
  try {
    await database.raw('SELECT pg_advisory_lock(?)', [MIGRATION_LOCK]).connection(lock);
    await migrate(database, (free) => free());
    await database.raw('SELECT pg_advisory_unlock(?)', [MIGRATION_LOCK]).connection(lock);
  } finally {
    await database.client.releaseConnection(lock);
  }
}

/** Classes of SQLSTATE: serialisation and deadlock; what is said of connections that are or have been lost. */
const IN_THE_WAY = new Set(['40001', '40P01', '55P03']);
const OUT_OF_REACH = /^(?:08|57P|53300$)/;
const NETWORK = new Set(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH']);

function judge(error: unknown): 'again' | 'later' | Error {
  if (!(error instanceof Error)) return new Error(String(error));
  const code = 'code' in error ? String(error.code) : '';
  if (IN_THE_WAY.has(code)) return 'again';
  if (OUT_OF_REACH.test(code) || NETWORK.has(code) || isLost(error)) return 'later';
  if (!/^[0-9A-Z]{5}$/.test(code)) return error;
  const said = error.message.split(' - ').at(-1);
  return new DatabaseError(`the database says: ${said} (${code})`);
}

/** pg and knex have no code for these. */
function isLost({ name, message }: Error): boolean {
  return (
    name === 'KnexTimeoutError' ||
    /^(?:Connection terminated|timeout exceeded when trying to connect|Query read timeout)/.test(message) ||
    message.includes('not queryable')
  );
}
