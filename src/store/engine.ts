import type { Knex } from 'knex';

/** A database that the store is in. What SQLite and PostgreSQL differ in is behind this, and nowhere else. */
export interface Engine {
  /** For reads, and for writes that stand alone. */
  readonly database: Knex;
  /**
   * Carries out work as if nobody else wrote meanwhile. It may be carried out several times, each time from the start: it
   * changes nothing but the database. `isAgain`: somebody was in the way the last time, and is to wait now.
   */
  transaction<T>(work: (transaction: Knex) => Promise<T>, isAgain: boolean): Promise<T>;
  /**
   * What to do about an error of the database: `again` when somebody else was in the way, `later` when the database cannot be
   * reached, or the error to throw instead, which shows no value of any statement.
   */
  judge(error: unknown): 'again' | 'later' | Error;
  close(): Promise<void>;
}
