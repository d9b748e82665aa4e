import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import knex, { type Knex } from 'knex';
import * as initial from '../../migrations/001_initial.ts';
import * as oneLineForEach from '../../migrations/002_one_line_for_each_who_asks.ts';
import * as settingsAtEveryLevel from '../../migrations/003_settings_at_every_level.ts';
import * as ports from '../../migrations/004_ports.ts';
import * as tenants from '../../migrations/005_tenants.ts';
import * as guests from '../../migrations/006_guests.ts';
import * as syncs from '../../migrations/007_syncs.ts';
import { SelfprovError } from '../domain/errors.ts';
import { patiently } from './patiently.ts';
import { setUpConnection, type SqliteConnection } from './sqliteConnection.ts';

const MIGRATIONS = [
  { name: '001_initial', ...initial },
  { name: '002_one_line_for_each_who_asks', ...oneLineForEach },
  { name: '003_settings_at_every_level', ...settingsAtEveryLevel },
  { name: '004_ports', ...ports },
  { name: '005_tenants', ...tenants },
  { name: '006_guests', ...guests },
  { name: '007_syncs', ...syncs },
] as const;

/** Milliseconds: all migrations together take less than one second. */
const LOCK_PATIENCE = 10_000;
const LOCK_LOOK = 200;
/** Milliseconds that a query waits for the transaction before it. */
const ACQUIRE_LIMIT = 5000;

/**
 * Opens the SQLite database (made when missing) and brings its schema up to date. WAL lets Asterisk and the command
 * line read while the server writes. Rejects with `unavailable` when it cannot be opened or migrated.
 */
export async function openDatabase(file: string): Promise<Knex> {
  const database = knex({
    client: 'better-sqlite3',
    connection: { filename: file },
    useNullAsDefault: true,
    acquireConnectionTimeout: ACQUIRE_LIMIT,
    compileSqlOnError: false,
    // Whatever goes wrong is thrown as well, and said once, in our own words.
    log: { debug() {}, warn() {}, error() {}, deprecate() {} },
    pool: {
      min: 1,
      max: 1,
      afterCreate(connection: SqliteConnection, done: (error?: Error) => void) {
        setUpConnection(connection);
        done();
      },
    },
  });
  try {
    await patiently(() => migrate(database, file));
    return database;
  } catch (cause) {
    await database.destroy();
    throw new SelfprovError('unavailable', `cannot use the database ${file}: ${(cause as Error).message}`, { cause });
  }
}

/**
 * SQLite changes some columns by rebuilding the table, which would run ON DELETE CASCADE on its children; the switch
 * has no effect inside a transaction, so it is set around all of them (knex issue 6213). An existing file is copied
 * before it is changed.
 */
async function migrate(database: Knex, file: string): Promise<void> {
  const config: Knex.MigratorConfig = {
    migrationSource: {
      getMigrations: () => Promise.resolve([...MIGRATIONS]),
      getMigrationName: (migration: (typeof MIGRATIONS)[number]) => migration.name,
      getMigration: (migration: (typeof MIGRATIONS)[number]) => Promise.resolve(migration),
    },
  };
  const [done, pending] = (await database.migrate.list(config)) as [unknown[], unknown[]];
  if (pending.length === 0) return;
  if (done.length > 0) await backUp(database, file, done.length);
  await database.raw('PRAGMA foreign_keys = OFF');
  await latest(database, config);
  const broken = (await database.raw('PRAGMA foreign_key_check')) as unknown[];
  if (broken.length > 0) throw new Error(`${broken.length} rows refer to rows that do not exist`);
  await database.raw('PRAGMA foreign_keys = ON');
}

/** Another process that starts at the same moment migrates for us; a lock that outlives its patience is a crash's. */
async function latest(database: Knex, config: Knex.MigratorConfig): Promise<void> {
  const deadline = Date.now() + LOCK_PATIENCE;
  for (;;) {
    try {
      await database.migrate.latest(config);
      return;
    } catch (error) {
      if ((error as Error).name !== 'MigrationLocked') throw error;
      if (Date.now() > deadline) await database.migrate.forceFreeMigrationsLock(config);
      else await pause(LOCK_LOOK);
    }
  }
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
