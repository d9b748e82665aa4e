import Database from 'better-sqlite3';
import { existsSync } from 'node:fs';
import { SelfprovError } from '../../domain/errors.ts';
import type { KnownBy } from '../checkKey.ts';
import { keepStatements } from '../sqlite/connection.ts';

/** What a copy says of itself. */
export interface CopyFacts extends KnownBy {
  readonly migrations: readonly string[];
}

/** Milliseconds that a copy waits while another one changes the schema. */
const PATIENCE = 10_000;

/**
 * Copies a SQLite database as it is at one moment into `to`, which is not there yet, while others go on reading and writing; the
 * copy has been looked through. Throws `invalid` for a database that is damaged, and what the system says for a full disk.
 */
export function copySqlite(file: string, to: string): CopyFacts {
  const database = opened(file, { timeout: PATIENCE });
  try {
    database.prepare('VACUUM INTO ?').run(to);
  } catch (cause) {
    throw new SelfprovError('invalid', `${file} cannot be copied: ${(cause as Error).message}`, { cause });
  } finally {
    database.close();
  }
  return factsOfCopy(to);
}

/** Looks a copy through, and changes nothing in it. Throws `invalid` when it is damaged, or none of selfprov. */
export function factsOfCopy(file: string): CopyFacts {
  const database = opened(file, { readonly: true });
  try {
    const wrong = database.pragma('quick_check', { simple: true });
    if (wrong !== 'ok') throw new SelfprovError('invalid', `the database in it is damaged: ${String(wrong)}`);
    const all = (table: string, column: string): readonly string[] => {
      const there = database.prepare(`SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?`).get(table);
      if (there === undefined) return [];
      return database.prepare(`SELECT ${column} FROM ${table} ORDER BY 1`).pluck().all() as string[];
    };
    const migrations = all('knex_migrations', 'name');
    if (migrations.length === 0) throw new SelfprovError('invalid', 'the database in it is none of selfprov');
    return { migrations, fingerprint: all('site_keys', 'fingerprint')[0], secret: all('lines', 'secret')[0] };
  } catch (cause) {
    if (cause instanceof SelfprovError) throw cause;
    throw new SelfprovError('invalid', `the database in it cannot be read: ${(cause as Error).message}`, { cause });
  } finally {
    database.close();
  }
}

/**
 * Has a database for itself until what it gives is called: nobody else has it open, and all that is in it is in this one file. One
 * that is not there, or is no database, nobody has. Throws `conflict` while somebody has it open.
 */
export function holdSqlite(file: string): () => void {
  if (!existsSync(file)) return () => undefined;
  const database = opened(file, { timeout: 0 });
  try {
    database.pragma('locking_mode = EXCLUSIVE');
    database.pragma('journal_mode = DELETE');
    database.exec('BEGIN EXCLUSIVE');
    return () => database.close();
  } catch (cause) {
    database.close();
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    if (/^SQLITE_(?:NOTADB|CORRUPT)/.test(code)) return () => undefined;
    throw new SelfprovError(
      'conflict',
      `somebody has the database ${file} open: stop selfprov, and Asterisk, which reads its accounts there`,
      { cause },
    );
  }
}

function opened(file: string, options: Database.Options): Database.Database {
  const database = new Database(file, { fileMustExist: true, ...options });
  keepStatements(database);
  return database;
}
