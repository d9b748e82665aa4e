import type { Knex } from 'knex';

/** Of both engines. */
export const KNEX_OPTIONS = {
  /** Milliseconds that a query waits for a connection: with SQLite for the transaction before it. */
  acquireConnectionTimeout: 5000,
  compileSqlOnError: false,
  // Whatever goes wrong is thrown as well, and said once, in our own words.
  log: { debug() {}, warn() {}, error() {}, deprecate() {} },
} satisfies Knex.Config;

/** What the database says: knex puts the statement before it, and values with that, credentials and hashes among them. */
export function saidBy({ message }: Error): string {
  return message.split(' - ').at(-1) ?? '';
}
