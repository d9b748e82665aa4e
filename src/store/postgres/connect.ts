import type { Socket } from 'node:net';
import knex, { type Knex } from 'knex';
import pg from 'pg';
import type { Secret } from '../../domain/secret.ts';
import { KNEX_OPTIONS } from '../knexOptions.ts';
import { oneAfterAnother } from './oneAfterAnother.ts';
import { sparingly } from './sparingly.ts';

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

/** Seconds after which PostgreSQL asks whether we are still there, and three times more: else it would keep what is cut off for hours. */
const STILL_THERE = '-c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3';

export interface Connections {
  readonly database: Knex;
  /** Has every connection end now, and with it what is under way: nobody waits any longer for who does not answer. */
  drop(): void;
}

/** Connections to a PostgreSQL database, made as they are wanted. */
export function connect(url: Secret, limits: Limits): Connections {
  const open = new Set<pg.Client>();
  const database = knex({
    client: 'pg',
    connection: {
      // pg takes the others for it as well, and warns of that.
      connectionString: url.reveal().replace(/([?&]sslmode=)(?:prefer|require|verify-ca)(?=&|$)/, '$1verify-full'),
      application_name: 'selfprov',
      options: STILL_THERE,
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
        open.add(connection);
        connection.once('end', () => open.delete(connection));
        oneAfterAnother(connection);
        done();
      },
    },
  });
  const client = database.client as { driver: object; acquireRawConnection(): Promise<pg.Client> };
  client.driver = { ...pg, Client: EndingClient };
  client.acquireRawConnection = sparingly(client.acquireRawConnection.bind(client));
  return {
    database,
    drop() {
      for (const connection of open) socketOf(connection).destroy();
    },
  };
}

/** What could not be connected is ended: pg leaves its socket open after some refusals, and the process would never end. */
class EndingClient extends pg.Client {
  constructor(settings: pg.ClientConfig) {
    super(settings);
    const connect = this.connect.bind(this);
    this.connect = async () => {
      try {
        return await connect();
      } catch (cause) {
        socketOf(this).destroy();
        if (!(cause instanceof Error) || !cause.message.includes('password must be a string')) throw cause;
        throw new Error('it asks for a password, and the URL has none', { cause });
      }
    };
  }
}

/** To end it politely would be to wait for the answer. */
function socketOf(connection: pg.Client): Socket {
  return (connection as unknown as { readonly connection: { readonly stream: Socket } }).connection.stream;
}
