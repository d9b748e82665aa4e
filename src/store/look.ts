import { statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { describePlace, type DatabasePlace } from '../domain/databasePlace.ts';
import { SelfprovError } from '../domain/errors.ts';
import { fingerprintOf, siteKey } from '../secrets/siteKey.ts';
import { saidBy } from './knexOptions.ts';
import { COUNT_TABLES, isForeign, MIGRATION_NAMES } from './migrate.ts';

/** What a database is, as it lies there. */
export interface DatabaseLook {
  /** What it lacks of this version's schema, and what it has of a newer one. */
  readonly pending: readonly string[];
  readonly newer: readonly string[];
  /** Of the site key that its secrets are sealed with. */
  readonly fingerprint: string | undefined;
  /** What is broken in it, as the database says; `null` when nothing is. */
  readonly damage: string | null;
  /** Another program has made it. */
  readonly isForeign: boolean;
}

const FOREIGN: DatabaseLook = { pending: [], newer: [], fingerprint: undefined, damage: null, isForeign: true };

type Ask = (sql: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;

/**
 * Looks at a database without changing anything; `undefined` where there is none yet. Rejects with `unavailable` when it cannot be
 * read.
 */
export async function lookAtDatabase(place: DatabasePlace): Promise<DatabaseLook | undefined> {
  const { ask, countTables, check, close } = 'file' in place ? openFile(place.file) : await openUrl(place);
  try {
    const done = await names(ask);
    const tables = await countTables();
    if (isForeign({ tables, done: done ?? [] })) return FOREIGN;
    if (done === undefined) return undefined;
    const { fingerprint } = done.includes('009_site_key')
      ? ((await ask('SELECT fingerprint FROM site_keys'))[0] ?? {})
      : {};
    return {
      pending: MIGRATION_NAMES.filter((name) => !done.includes(name)),
      newer: done.filter((name) => !MIGRATION_NAMES.includes(name)),
      fingerprint: typeof fingerprint === 'string' ? fingerprint : undefined,
      damage: await check(),
      isForeign: false,
    };
  } catch (cause) {
    if (cause instanceof SelfprovError) throw cause;
    const why = `${describePlace(place)}: the database says: ${saidBy(cause as Error)}`;
    throw new SelfprovError('unavailable', why, { cause });
  } finally {
    await close();
  }
}

/** Whether this is the key that the database was made with. Throws as `siteKey` does. */
export function isKeyOf(file: string, { fingerprint }: Pick<DatabaseLook, 'fingerprint'>): boolean {
  return fingerprint === undefined || fingerprintOf(siteKey(file)) === fingerprint;
}

/** As PostgreSQL and SQLite say it. */
const UNDEFINED_TABLE = '42P01';
const NO_TABLE = 'no such table';

/** Of the migrations that were done; `undefined` where none ever was. */
async function names(ask: Ask): Promise<readonly string[] | undefined> {
  try {
    return (await ask('SELECT name FROM knex_migrations')).map(({ name }) => String(name));
  } catch (error) {
    const { code, message } = error as Error & { readonly code?: string };
    // A database or a user that does not exist is said in the same words as a table.
    if (code === UNDEFINED_TABLE || message.startsWith(NO_TABLE)) return undefined;
    throw error;
  }
}

interface Looking {
  readonly ask: Ask;
  /** Besides those that every database has; 0 where others may have theirs beside ours. */
  countTables(): Promise<number>;
  check(): Promise<string | null>;
  close(): Promise<void>;
}

function openFile(file: string): Looking {
  // Throws where we may not look.
  if (statSync(file, { throwIfNoEntry: false }) === undefined)
    return {
      ask: () => Promise.reject(new Error(NO_TABLE)),
      countTables: async () => 0,
      check: async () => null,
      close: async () => undefined,
    };
  const database = new Database(file, { readonly: true });
  return {
    ask: async (sql) => database.prepare<[], Record<string, unknown>>(sql).all(),
    countTables: async () => Number(database.prepare(COUNT_TABLES).pluck().get()),
    async check() {
      const said = database.pragma('quick_check(1)', { simple: true });
      return said === 'ok' ? null : String(said);
    },
    close: async () => void database.close(),
  };
}

/** PostgreSQL looks after its own. */
async function openUrl(place: Extract<DatabasePlace, { readonly url: unknown }>): Promise<Looking> {
  const { connect } = await import('./postgres/connect.ts');
  const { database } = connect(place.url, { query_timeout: LOOK_LIMIT_MS });
  return {
    ask: async (sql) => ((await database.raw(sql)) as { rows: Record<string, unknown>[] }).rows,
    countTables: async () => 0,
    check: async () => null,
    close: () => database.destroy(),
  };
}

const LOOK_LIMIT_MS = 5000;
