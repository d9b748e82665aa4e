/** What better-sqlite3's connection has that is used here. */
export interface SqliteConnection {
  exec(sql: string): unknown;
  prepare(sql: string): unknown;
}

/** Milliseconds that a writer waits for another process, and this whole process with it: see `store.ts`. */
const BUSY_TIMEOUT = 5;

const SETTINGS = `
  PRAGMA busy_timeout = ${BUSY_TIMEOUT};
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA foreign_keys = ON;`;

/** All connections and statements of this process. */
const kept: unknown[] = [];

/**
 * Sets a new connection up, and makes it keep its prepared statements: there are few texts, and each is asked thousands
 * of times. Nothing of a connection is ever given to the garbage collector: better-sqlite3 12 ends the process with an
 * assertion when that happens on Node.js 24 (its issue 1515, closed without a mending; 13 does not run on Node.js 20).
 */
export function setUpConnection(connection: SqliteConnection): void {
  const statements = new Map<string, unknown>();
  const prepare = connection.prepare.bind(connection);
  connection.prepare = (sql) => {
    const statement = statements.get(sql) ?? prepare(sql);
    statements.set(sql, statement);
    return statement;
  };
  connection.exec(SETTINGS);
  kept.push(connection, statements);
}
