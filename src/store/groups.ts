import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';
import type { Knex } from 'knex';
import { PATIENCE_MS } from './patiently.ts';

type Work = (transaction: Knex) => Promise<unknown>;

/** Hears of each transaction at its end, in milliseconds: how long it waited for its turn, and what it took until the commit. */
export type OnTransaction = (waited: number, took: number) => void;

interface Waiting {
  readonly work: Work;
  readonly since: number;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** Milliseconds between two looks whether another process has let go of the database. */
const LOOK_AGAIN_MS = 10;

/** How an engine has transactions. */
export interface Transactions {
  /** Has the database for itself until its end, of all processes. */
  begin(transaction: Knex): Promise<void>;
  /** A statement without values. */
  say(transaction: Knex, sql: string): unknown;
  /** Whether it is over, with all that was done in it: some errors end it. */
  isOver(transaction: Knex): boolean;
  /** Tells the error of who came while another process had the database. */
  isBusy(error: unknown): boolean;
  /** So many are kept waiting by each other. */
  readonly mostAtOnce: number;
  readonly onTransaction: OnTransaction;
}

/**
 * Transactions one after the other, but all that were asked for while one was under way are committed together: each is all
 * or nothing by itself (a savepoint), sees what those before it did, and is answered after the commit. While another process has
 * the database, one of us looks for all.
 */
export function groups(
  database: Knex,
  { begin, say, isOver, isBusy, mostAtOnce, onTransaction }: Transactions,
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
    return waiting.splice(0, mostAtOnce);
  }

  /** They stay first in line; who has waited too long is told. */
  async function again(group: readonly Waiting[], error: unknown): Promise<void> {
    const isLate = ({ since }: Waiting): boolean => performance.now() - since > PATIENCE_MS;
    for (const late of group.filter(isLate)) late.reject(error);
    waiting.unshift(...group.filter((each) => !isLate(each)));
    await pause(LOOK_AGAIN_MS);
  }

  async function commit(group: readonly Waiting[]): Promise<readonly (() => void)[]> {
    const begun: number[] = [];
    const all = await database.transaction(async (transaction) => {
      await begin(transaction);
      const settled: (() => void)[] = [];
      for (const each of group) {
        begun.push(performance.now());
        settled.push(await carryOut(transaction, each));
      }
      return settled;
    });
    const now = performance.now();
    for (const [at, from] of begun.entries()) onTransaction(from - (group[at]?.since ?? from), now - from);
    return all;
  }

  /** Gives what to tell who asked, once the group is committed. */
  async function carryOut(transaction: Knex, { work, resolve, reject }: Waiting): Promise<() => void> {
    await say(transaction, 'SAVEPOINT one');
    try {
      const value = await work(transaction);
      await say(transaction, 'RELEASE one');
      return () => resolve(value);
    } catch (error) {
      // The others are told too.
      if (isOver(transaction)) throw error;
      await say(transaction, 'ROLLBACK TO one');
      await say(transaction, 'RELEASE one');
      return () => reject(error);
    }
  }

  return <T>(work: (transaction: Knex) => Promise<T>) =>
    new Promise<T>((resolve, reject) => {
      waiting.push({ work, since: performance.now(), resolve: (value) => resolve(value as T), reject });
      if (!isRunning) void run();
    });
}
