import knex, { type Knex } from 'knex';
import pg from 'pg';
import type { Secret } from '../../domain/secret.ts';
import { KNEX_OPTIONS } from '../knexOptions.ts';
import { oneAfterAnother } from './oneAfterAnother.ts';

const CONNECTIONS = 10;
/** Milliseconds. A server that has stopped answering is given up on; what it was asked may still have been done. */
const CONNECT_LIMIT = 3000;

// Counts and times are numbers here: neither comes near to 2^53.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

/** Milliseconds. */
export interface Limits {
  /** Until the answer to a statement is no longer waited for. */
  readonly query_timeout: number;
  /** Until the server refuses a statement that waits for a lock. */
  readonly lock_timeout?: number;
  /** Until the server gives up a transaction in which nothing is asked. */
  readonly idle_in_transaction_session_timeout?: number;
}

/** Connections to a PostgreSQL database, made as they are wanted. */
export function connect(url: Secret, limits: Limits): Knex {
  return knex({
    client: 'pg',
    connection: {
      connectionString: url.reveal(),
      application_name: 'selfprov',
      connectionTimeoutMillis: CONNECT_LIMIT,
      keepAlive: true,
      keepAliveInitialDelayMillis: CONNECT_LIMIT,
      ...limits,
    },
    ...KNEX_OPTIONS,
    pool: {
      min: 0,
      max: CONNECTIONS,
      afterCreate(connection: pg.Client, done: (error?: Error) => void) {
        oneAfterAnother(connection);
        done();
      },
    },
  });
}
