import { chmodSync, existsSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import knex, { type Knex } from 'knex';
import { SelfprovError } from '../../domain/errors.ts';
import { makeFolder } from '../../makeFolder.ts';
import type { Engine } from '../engine.ts';
import { groups, type OnTransaction } from '../groups.ts';
import { KNEX_OPTIONS } from '../knexOptions.ts';
import { COUNT_TABLES, isForeign, migrate, migrationsOf } from '../migrate.ts';
import { patiently } from '../patiently.ts';
import { carryOut, keepStatements, setUpConnection, type SqliteConnection } from './connection.ts';
import { openReader } from './reader.ts';
import { refusedBySqlite } from './refused.ts';

/** Milliseconds: all migrations together take less than one second. */
const LOCK_PATIENCE = 10_000;
const LOCK_LOOK = 200;

/**
 * Opens a SQLite database (made when missing) and brings its schema up to date. WAL lets Asterisk and the command line
 * read while the server writes. Rejects with `unavailable` when it cannot be opened or migrated, and with `invalid` for another
 * program's, in which nothing is changed.
 */
export async function openSqlite(file: string, onTransaction: OnTransaction): Promise<Engine> {
  if (!existsSync(file)) makeFile(file);
  let writer: SqliteConnection | undefined;
  const database = knex({
    client: 'better-sqlite3',
    connection: { filename: file },
    useNullAsDefault: true,
    ...KNEX_OPTIONS,
    pool: {
      min: 1,
      max: 1,
      afterCreate(connection: SqliteConnection, done: (error?: Error) => void) {
        keepStatements(connection);
        try {
          refuseForeign(connection, file);
          setUpConnection(connection);
        } catch (error) {
          connection.close();
          done(error as Error);
          return;
        }
        writer = connection;
        done();
      },
    },
  });
  try {
    await patiently({ judge }, () => upToDate(database, file));
  } catch (cause) {
    await database.destroy();
    if (cause instanceof SelfprovError) throw cause;
    throw new SelfprovError('unavailable', `cannot use the database ${file}: ${(cause as Error).message}`, { cause });
  }
  const reader = openReader(file, () => writer);
  const open = numbersOf(file);
  const connections = new WeakMap<Knex, SqliteConnection>();
  const say = (transaction: Knex, sql: string): unknown => connections.get(transaction)?.prepare(sql).run();
  return {
    database,
    clock: "CAST(unixepoch('subsec') * 1000 AS INTEGER)",
    judge,
    json: { array: 'json_array', group: 'json_group_array' },
    reader,
    transaction: groups(database, {
      async begin(transaction) {
        connections.set(transaction, (await transaction.client.acquireConnection()) as SqliteConnection);
        // A transaction that reads first and writes later fails when another process wrote in between; one that begins
        // with a write has the database for itself (BEGIN IMMEDIATE, which knex cannot say).
        say(transaction, `UPDATE tenants SET name = '' WHERE 1 = 0`);
      },
      say,
      isOver: (transaction) => connections.get(transaction)?.inTransaction !== true,
      isBusy: (error) => judge(error) === 'again',
      mostAtOnce: 100,
      onTransaction,
    }),
    async run(on, sql, values) {
      const connection = connections.get(on);
      if (connection !== undefined) return carryOut(connection, sql, values);
      // Outside a transaction the one connection may be in somebody else's.
      return sql.startsWith('SELECT') ? reader.all(sql, values) : await on.raw(sql, values as Knex.RawBinding[]);
    },
    refuseLost() {
      if (open !== undefined && open === numbersOf(file)) return;
      throw new SelfprovError(
        'unavailable',
        `${file} is ${existsSync(file) ? 'another file than the one that is open' : 'gone'}, and what is written now is lost: stop selfprov and Asterisk, put it back (selfprov restore FILE), and start them again`,
      );
    },
    // Whoever else works on the file is found out by looking.
    tell: () => Promise.resolve(),
    listen(hearer) {
      hearer.found();
      hearer.hears(() => true);
      return { close: () => Promise.resolve() };
    },
    async close() {
      // The one that is closed last puts all into the file, which one that only reads cannot. Whoever else has it open, Asterisk for
      // example, keeps what is beside it from going away: then it is emptied, so that the file alone is a whole copy.
      reader.close();
      await database.raw('PRAGMA wal_checkpoint(TRUNCATE)').catch(() => undefined);
      await database.destroy();
    },
  };
}

/**
 * SQLite changes some columns by rebuilding the table, which would run ON DELETE CASCADE on its children; the switch
 * has no effect inside a transaction, so it is set around all of them (knex issue 6213). An existing file is copied
 * before it is changed.
 */
async function upToDate(database: Knex, file: string): Promise<void> {
  const { done, pending } = await migrationsOf(database);
  if (pending === 0) return;
  if (done > 0) await backUp(database, file, done);
  await database.raw('PRAGMA foreign_keys = OFF');
  // Another process that starts at the same moment migrates for us; a lock that outlives its patience is a crash's.
  const deadline = Date.now() + LOCK_PATIENCE;
  await migrate(database, (free) => (Date.now() > deadline ? free() : pause(LOCK_LOOK)));
  const broken = (await database.raw('PRAGMA foreign_key_check')) as unknown[];
  if (broken.length > 0) throw new Error(`${broken.length} rows refer to rows that do not exist`);
  await database.raw('PRAGMA foreign_keys = ON');
}

/** Whoever reads the database can register as any phone: so it is with a copy, and nobody but we needs to read that. */
async function backUp(database: Knex, file: string, version: number): Promise<void> {
  const copy = `${file}.before-migration-${version + 1}`;
  if (existsSync(copy)) return;
  // Another process may do the same. SQLite writes into an empty file, which keeps its mode.
  const draft = `${copy}.${process.pid}`;
  writeFileSync(draft, '', { mode: 0o600 });
  await database.raw('VACUUM INTO ?', [draft]);
  renameSync(draft, copy);
}

/**
 * Asterisk reads and writes it too, often as another user of the same group; nobody else may. SQLite gives the files that it
 * keeps beside it the mode that it has then.
 */
function makeFile(file: string): void {
  makeFolder(dirname(file), 0o750);
  writeFileSync(file, '', { flag: 'a', mode: 0o600 });
  chmodSync(file, 0o660);
}

/** By which the system knows a file, whatever it is called; `undefined` when there is none. */
function numbersOf(file: string): string | undefined {
  const found = statSync(file, { throwIfNoEntry: false });
  return found && `${found.dev}:${found.ino}`;
}

/** Before anything is set that lasts, as WAL does. */
function refuseForeign(connection: SqliteConnection, file: string): void {
  const [found] = carryOut(connection, COUNT_TABLES, []);
  const hasMigrations = carryOut(connection, `SELECT name FROM sqlite_master WHERE name = 'knex_migrations'`, []);
  const done = hasMigrations.length === 0 ? [] : carryOut(connection, 'SELECT name FROM knex_migrations', []);
  if (!isForeign({ tables: Number(found?.['tables']), done: done.map(({ name }) => String(name)) })) return;
  throw new SelfprovError(
    'invalid',
    `${file} is the database of another program: name another file (SELFPROV_DATABASE), or move that one away`,
  );
}

/** better-sqlite3 waits for a lock without letting anything else run, so it is told not to wait (see `connection.ts`). */
function judge(error: unknown): 'again' | Error {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code.startsWith('SQLITE_BUSY')) return 'again';
  return refusedBySqlite(error) ?? (error as Error);
}
