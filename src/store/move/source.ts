import Database from 'better-sqlite3';
import { SelfprovError } from '../../domain/errors.ts';
import { MIGRATION_NAMES } from '../migrate.ts';
import { keepStatements, setUpConnection } from '../sqlite/connection.ts';
import type { Row } from '../table.ts';

/** One table of ours, as the source itself describes it. */
export interface SourceTable {
  readonly name: string;
  readonly columns: readonly string[];
  /** What rows are told apart by; all columns where nothing else does. */
  readonly key: readonly string[];
  /** Tables that its rows point to. */
  readonly refersTo: readonly string[];
}

/** A SQLite database that nobody else has open. */
export interface Source {
  /** All tables, each after those that it refers to. */
  readonly tables: readonly SourceTable[];
  /** In the order of their keys, by code point. */
  rows(table: SourceTable): Iterable<Row>;
  count(table: SourceTable): number;
  /** The highest number that this table has ever given to a row; 0 where it gives none. */
  highest(table: SourceTable): number;
  close(): void;
}

/**
 * Takes a database for itself until it is closed, and writes nothing into it. Throws `conflict` while anybody else has it open:
 * every connection to it holds a lock on the file as long as it lasts, so that this is certain. Throws `invalid` for
 * what is no database of this version of selfprov.
 */
export function openSource(file: string): Source {
  const database = new Database(file, { fileMustExist: true, timeout: 0 });
  try {
    database.pragma('locking_mode = EXCLUSIVE');
    keepStatements(database);
    setUpConnection(database);
    database.exec('BEGIN EXCLUSIVE');
    checkVersion(database, file);
    const tables = inOrder(tablesOf(database));
    return {
      tables,
      rows: ({ name, key }) =>
        database.prepare(`SELECT * FROM "${name}" ORDER BY ${quoted(key)}`).iterate() as Iterable<Row>,
      count: ({ name }) => Number(database.prepare(`SELECT count(*) FROM "${name}"`).pluck().get()),
      highest({ name }) {
        const asked = `SELECT seq FROM sqlite_sequence WHERE name = ?`;
        return Number(database.prepare(asked).pluck().get(name) ?? 0);
      },
      close: () => database.close(),
    };
  } catch (error) {
    database.close();
    throw inWords(error, file);
  }
}

function checkVersion(database: Database.Database, file: string): void {
  const known = database.prepare(`SELECT count(*) FROM sqlite_master WHERE name = 'knex_migrations'`).pluck().get();
  const names = known === 0 ? [] : database.prepare('SELECT name FROM knex_migrations ORDER BY id').pluck().all();
  if (JSON.stringify(names) === JSON.stringify(MIGRATION_NAMES)) return;
  if (names.length === 0) throw new SelfprovError('invalid', `${file} is no database of selfprov`);
  const how =
    names.length < MIGRATION_NAMES.length
      ? 'an earlier version: let this one bring it up to date first, by "selfprov tenant list"'
      : 'another version: move it with that one, or bring this one up to date first';
  throw new SelfprovError('invalid', `${file} is of ${how}`);
}

function tablesOf(database: Database.Database): readonly SourceTable[] {
  const names = database
    .prepare(
      `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'knex%'`,
    )
    .pluck()
    .all() as string[];
  return names.toSorted().map((name) => {
    const columns = database.pragma(`table_info("${name}")`) as { name: string; pk: number }[];
    const key = columns.filter(({ pk }) => pk > 0).toSorted((one, other) => one.pk - other.pk);
    const foreign = database.pragma(`foreign_key_list("${name}")`) as { table: string }[];
    return {
      name,
      columns: columns.map((column) => column.name),
      key: (key.length === 0 ? columns : key).map((column) => column.name),
      refersTo: foreign.map(({ table }) => table).filter((table) => table !== name),
    };
  });
}

/** Each after those that it refers to. */
function inOrder(tables: readonly SourceTable[]): readonly SourceTable[] {
  const ordered: SourceTable[] = [];
  const add = (table: SourceTable): void => {
    if (ordered.includes(table)) return;
    for (const other of tables) if (table.refersTo.includes(other.name)) add(other);
    ordered.push(table);
  };
  tables.forEach(add);
  return ordered;
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ');
}

function inWords(error: unknown, file: string): Error {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code.startsWith('SQLITE_BUSY'))
    return new SelfprovError(
      'conflict',
      `somebody has the database ${file} open: stop selfprov, and Asterisk, which reads its accounts there`,
    );
  if (code.startsWith('SQLITE_'))
    return new SelfprovError('invalid', `${file} cannot be read as a database: ${(error as Error).message}`);
  return error as Error;
}
