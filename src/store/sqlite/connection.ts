import type { Row } from '../table.ts';

/** What better-sqlite3's statements have that is used here. */
export interface SqliteStatement {
  /** Whether it gives rows. */
  readonly reader: boolean;
  all(...values: readonly unknown[]): unknown[];
  run(...values: readonly unknown[]): unknown;
}

/** What better-sqlite3's connection has that is used here. */
export interface SqliteConnection {
  readonly inTransaction: boolean;
  exec(sql: string): unknown;
  prepare(sql: string): SqliteStatement;
  close(): unknown;
}

/** Milliseconds, while a connection is set up. Later nobody waits in it: this whole process would (see `groups.ts`). */
const BUSY_TIMEOUT = 5;

/**
 * What SQLite needs for a moment stays in memory, a few megabytes while thousands of users are imported: a service may have no folder
 * where it could write that, and each statement that changes many rows would fail then, with its transaction.
 */
const SETTINGS = `
  PRAGMA busy_timeout = ${BUSY_TIMEOUT};
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA foreign_keys = ON;
  PRAGMA wal_autocheckpoint = 4000;
  PRAGMA temp_store = MEMORY;
  PRAGMA busy_timeout = 0;`;

/** All connections and statements of this process. */
const kept: unknown[] = [];

export function setUpConnection(connection: SqliteConnection): void {
  connection.exec(SETTINGS);
}

/**
 * Makes a new connection keep its prepared statements, before it prepares any: there are few texts, and each is asked thousands
 * of times. Nothing of a connection is ever given to the garbage collector: better-sqlite3 12 ends the process with an
 * assertion when that happens on Node.js 24 (its issue 1515, closed without a mending; 13 does not run on Node.js 20).
 */
export function keepStatements(connection: SqliteConnection): void {
  const statements = new Map<string, SqliteStatement>();
  const prepare = connection.prepare.bind(connection);
  connection.prepare = (sql) => {
    const statement = statements.get(sql) ?? prepare(sql);
    statements.set(sql, statement);
    return statement;
  };
  kept.push(connection, statements);
}

/** Carries out a statement at once; SQLite has no booleans. */
export function carryOut(connection: SqliteConnection, sql: string, values: readonly unknown[]): readonly Row[] {
  const statement = connection.prepare(sql);
  const given = values.map((value) => (typeof value === 'boolean' ? Number(value) : value));
  if (statement.reader) return statement.all(...given) as Row[];
  statement.run(...given);
  return [];
}
