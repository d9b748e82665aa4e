import type { Knex } from 'knex';
import type { Logger } from 'pino';
import type { JsonFunctions } from './snapshots.ts';
import type { Row } from './table.ts';

/** Hears what the processes tell each other that work on one database. */
export interface Hearer {
  heard(what: string): void;
  /** What is told from now on is not heard, and nobody says it again. */
  lost(): void;
  /** From now on all is heard. */
  found(): void;
  /** So far all is heard; `isSure`: whether nobody needs to have told something since that has not come yet. */
  hears(isSure: () => boolean): void;
}

/** A database that the store is in. What SQLite and PostgreSQL differ in is behind this, and nowhere else. */
export interface Engine {
  /** For reads, and for writes that stand alone. */
  readonly database: Knex;
  /** Milliseconds since 1970 by the database's own clock, in its SQL. */
  readonly clock: string;
  /**
   * Carries out work as if nobody else wrote meanwhile. It may be carried out several times, each time from the start: it
   * changes nothing but the database.
   */
  transaction<T>(work: (transaction: Knex) => Promise<T>): Promise<T>;
  /** One statement, with a `?` for each value, on `database` or in a transaction; a text that comes again is prepared once. */
  run(on: Knex, sql: string, values: readonly unknown[]): Promise<readonly Row[]>;
  /** The functions that make a JSON array of values, and of rows. */
  readonly json: JsonFunctions;
  /** Missing where nothing can be read without waiting. */
  readonly reader?: Reader;
  /**
   * What to do about an error of the database: `again` when somebody else was in the way, `later` when the database cannot be
   * reached, or the error to throw instead, which shows no value of any statement.
   */
  judge(error: unknown): 'again' | 'later' | Error;
  /** Throws `unavailable` when what is open is not what is found there any more; missing where that cannot be. */
  refuseLost?(): void;
  /** Tells all of them, this one included, when the transaction is committed: 8,000 bytes at most. */
  tell(transaction: Knex, what: string): Promise<void>;
  listen(hearer: Hearer, log: Logger): { close(): Promise<void> };
  close(): Promise<void>;
}

/** Reads at once what is committed, whoever is writing. */
export interface Reader {
  all(sql: string, values: readonly unknown[]): readonly Row[];
  /** Whether another process has written since this was asked last. */
  hasChangedElsewhere(): boolean;
}
