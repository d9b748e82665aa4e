import Database from 'better-sqlite3';
import type { Reader } from '../engine.ts';
import { carryOut, keepStatements, type SqliteConnection } from './connection.ts';

/**
 * A connection of its own that only reads: by WAL it waits for no writer, and it sees what is committed and nothing else, also
 * while a transaction of this process is under way on the other connection.
 */
export function openReader(
  file: string,
  writer: () => SqliteConnection | undefined,
): Reader & { readonly close: () => void } {
  const connection = new Database(file, { readonly: true }) as unknown as SqliteConnection;
  keepStatements(connection);
  connection.exec('PRAGMA temp_store = MEMORY');
  let version: unknown;
  return {
    all: (sql, values) => carryOut(connection, sql, values),
    hasChangedElsewhere() {
      // Of a connection: the number changes with commits of all others (sqlite.org/pragma.html#pragma_data_version). On the
      // one that writes, these are other processes'.
      const before = version;
      version = writer()?.prepare('PRAGMA data_version').all()[0]?.['data_version' as never];
      return before !== version;
    },
    close: () => void connection.close(),
  };
}
