import type { Knex } from 'knex';
import * as initial from '../../migrations/001_initial.ts';
import * as oneLineForEach from '../../migrations/002_one_line_for_each_who_asks.ts';
import * as settingsAtEveryLevel from '../../migrations/003_settings_at_every_level.ts';
import * as ports from '../../migrations/004_ports.ts';
import * as tenants from '../../migrations/005_tenants.ts';
import * as guests from '../../migrations/006_guests.ts';
import * as syncs from '../../migrations/007_syncs.ts';
import * as several from '../../migrations/008_several.ts';
import * as siteKey from '../../migrations/009_site_key.ts';
import * as adoptedUsers from '../../migrations/010_adopted_users.ts';
import * as rotation from '../../migrations/011_rotation.ts';
import * as access from '../../migrations/012_access.ts';
import * as givenFiles from '../../migrations/013_given_files.ts';
import * as eventAddresses from '../../migrations/014_event_addresses.ts';
import * as restarts from '../../migrations/015_restarts.ts';

/** Oldest first. */
export const MIGRATIONS = [
  { name: '001_initial', ...initial },
  { name: '002_one_line_for_each_who_asks', ...oneLineForEach },
  { name: '003_settings_at_every_level', ...settingsAtEveryLevel },
  { name: '004_ports', ...ports },
  { name: '005_tenants', ...tenants },
  { name: '006_guests', ...guests },
  { name: '007_syncs', ...syncs },
  { name: '008_several', ...several },
  { name: '009_site_key', ...siteKey },
  { name: '010_adopted_users', ...adoptedUsers },
  { name: '011_rotation', ...rotation },
  { name: '012_access', ...access },
  { name: '013_given_files', ...givenFiles },
  { name: '014_event_addresses', ...eventAddresses },
  { name: '015_restarts', ...restarts },
] as const;

/** The migrations, each of which runs on SQLite and on PostgreSQL. */
const CONFIG: Knex.MigratorConfig = {
  migrationSource: {
    getMigrations: () => Promise.resolve([...MIGRATIONS]),
    getMigrationName: (migration: (typeof MIGRATIONS)[number]) => migration.name,
    getMigration: (migration: (typeof MIGRATIONS)[number]) => Promise.resolve(migration),
  },
};

/** Of a database that is up to date, oldest first. */
export const MIGRATION_NAMES: readonly string[] = MIGRATIONS.map(({ name }) => name);

/** Tables, besides those that every database of SQLite or knex has, and which migrations were done. */
export interface Contents {
  readonly tables: number;
  readonly done: readonly string[];
}

/** In SQL of SQLite: the number of tables that are not knex's or SQLite's own. */
export const COUNT_TABLES = `SELECT count(*) AS tables FROM sqlite_master
  WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE 'knex\\_%' ESCAPE '\\'`;

/** Whether another program has made it: it has tables, or migrations, and not our first one. An empty one is nobody's. */
export function isForeign({ tables, done }: Contents): boolean {
  return tables + done.length > 0 && !done.includes(MIGRATIONS[0].name);
}

/** How many migrations a database has, and how many it lacks. */
export async function migrationsOf(database: Knex): Promise<{ readonly done: number; readonly pending: number }> {
  const [done, pending] = (await database.migrate.list(CONFIG)) as [unknown[], unknown[]];
  return { done: done.length, pending: pending.length };
}

/**
 * Brings the schema up to date; `whenLocked` decides what to do about the mark of another one who does so, or of a crash:
 * it resolves to try again.
 */
export async function migrate(database: Knex, whenLocked: (free: () => Promise<void>) => Promise<void>): Promise<void> {
  for (;;) {
    try {
      await database.migrate.latest(CONFIG);
      return;
    } catch (error) {
      if ((error as Error).name !== 'MigrationLocked') throw error;
      await whenLocked(() => database.migrate.forceFreeMigrationsLock(CONFIG).then(() => undefined));
    }
  }
}
