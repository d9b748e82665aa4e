import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';
import type { Knex } from 'knex';
import { PATIENCE_MS } from '../patiently.ts';
import type { SqliteConnection } from './connection.ts';

type Work = (transaction: Knex) => Promise<unknown>;

interface Waiting {
  readonly work: Work;
  readonly since: number;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** At most so many are kept waiting by each other. */
const MOST_AT_ONCE = 100;
/** Milliseconds between two looks whether another process has let go of the database. */
const LOOK_AGAIN_MS = 10;

/**
 * Transactions one after the other, as SQLite has it, but all that were asked for while one was under way are committed
 * together: each is all or nothing by itself (a savepoint), sees what those before it did, and is answered after the commit.
 * While another process has the database, one of us looks for all: `isBusy` tells its error.
 */
export function groups(
  database: Knex,
  connectionOf: (transaction: Knex) => Promise<SqliteConnection>,
  isBusy: (error: unknown) => boolean,
): <T>(work: (transaction: Knex) => Promise<T>) => Promise<T> {
  const waiting: Waiting[] = [];
  let isRunning = false;
  let hasCommitted = false;

  async function run(): Promise<void> {
    isRunning = true;
    for (let group = await next(); group.length > 0; group = await next()) {
      try {
        const settled = await commit(group);
        for (const settle of settled) settle();
      } catch (error) {
        if (isBusy(error)) await again(group, error);
        else for (const { reject } of group) reject(error);
      }
    }
    isRunning = false;
  }

  /** One alone is carried out at once; after that, all that come in the same turn of the event loop wait for its end. */
  async function next(): Promise<readonly Waiting[]> {
    if (waiting.length === 0) return [];
    if (hasCommitted) await turn();
    hasCommitted = true;
    setImmediate(() => {
      hasCommitted = false;
    });
    return waiting.splice(0, MOST_AT_ONCE);
  }

  /** They stay first in line; who has waited too long is told. */
  async function again(group: readonly Waiting[], error: unknown): Promise<void> {
    const isLate = ({ since }: Waiting): boolean => performance.now() - since > PATIENCE_MS;
    for (const late of group.filter(isLate)) late.reject(error);
    waiting.unshift(...group.filter((each) => !isLate(each)));
    await pause(LOOK_AGAIN_MS);
  }

  function commit(group: readonly Waiting[]): Promise<readonly (() => void)[]> {
    return database.transaction(async (transaction) => {
      const connection = await connectionOf(transaction);
      // A transaction that reads first and writes later fails when another process wrote in between; one that begins
      // with a write has the database for itself (BEGIN IMMEDIATE, which knex cannot say).
      connection.prepare(`UPDATE tenants SET name = '' WHERE 1 = 0`).run();
      const settled: (() => void)[] = [];
      for (const each of group) settled.push(await carryOut(connection, transaction, each));
      return settled;
    });
  }

  return <T>(work: (transaction: Knex) => Promise<T>) =>
    new Promise<T>((resolve, reject) => {
      waiting.push({ work, since: performance.now(), resolve: (value) => resolve(value as T), reject });
      if (!isRunning) void run();
    });
}

/** Gives what to tell who asked, once the group is committed. */
async function carryOut(
  connection: SqliteConnection,
  transaction: Knex,
  { work, resolve, reject }: Waiting,
): Promise<() => void> {
  connection.prepare('SAVEPOINT one').run();
  try {
    const value = await work(transaction);
    connection.prepare('RELEASE one').run();
    return () => resolve(value);
  } catch (error) {
    // Some errors have undone the whole transaction already: the others are told too.
    if (!connection.inTransaction) throw error;
    connection.prepare('ROLLBACK TO one').run();
    connection.prepare('RELEASE one').run();
    return () => reject(error);
  }
}
