import {
  accessSync,
  constants,
  existsSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { SelfprovError } from '../../domain/errors.ts';
import { makeFolder } from '../../makeFolder.ts';
import { keepStatements } from './connection.ts';
import { refusedBySqlite } from './refused.ts';

const LOCK = /^(?<name>selfprov(?:\..+)?)\.lock$/;

export interface HeldFolder {
  /** Leaves nothing behind: not the folder either, when it is empty then and was not there before. */
  close(): Promise<void>;
}

/**
 * Takes a folder, or what has this name in it, for this process until `close`, or until it dies, however that happens. Refuses with `conflict` while another
 * process has it, in another container too. The lock is SQLite's own, on a file that holds nothing.
 */
export function holdFolder(directory: string, name = 'selfprov'): HeldFolder {
  const isNew = !existsSync(directory);
  makeFolder(directory, 0o750);
  // SQLite would say no more than that it cannot.
  accessSync(directory, constants.W_OK | constants.X_OK);
  const [whose, file] = [join(directory, `${name}.pid`), join(directory, `${name}.lock`)];
  const lock = lockedOrRefused(file);
  if (lock === undefined)
    throw new SelfprovError(
      'conflict',
      `selfprov runs in ${directory} already (process ${readWhole(whose)}): stop that one, or give this one a folder of its own (SELFPROV_DIR)`,
      { reason: 'running' },
    );
  writeFileSync(whose, `${process.pid}\n`);
  return {
    async close() {
      for (const each of [whose, file]) rmSync(each, { force: true });
      lock.close();
      if (isNew && readdirSync(directory).length === 0) rmdirSync(directory);
    },
  };
}

/** Which process has what is called so in a folder; `undefined` when none has, or we may not look. Nothing is made. */
export function holderOf(directory: string, name: string): string | undefined {
  const file = join(directory, `${name}.lock`);
  try {
    const lock = opened(file, { readonly: true, fileMustExist: true });
    try {
      lock.exec('SELECT 1 FROM sqlite_master');
      return undefined;
    } catch (error) {
      return isBusy(error) ? readWhole(join(directory, `${name}.pid`)) : undefined;
    } finally {
      lock.close();
    }
  } catch {
    return undefined;
  }
}

/** The processes that work in a folder, whatever they call it; none where we may not look. */
export function holdersIn(directory: string): readonly string[] {
  if (!existsSync(directory)) return [];
  const names = readdirSync(directory).flatMap((name) => LOCK.exec(name)?.groups?.['name'] ?? []);
  return [...new Set(names.flatMap((name) => holderOf(directory, name) ?? []))];
}

/** The same, in one line where SQLite cannot write it, as on a full disk. */
function lockedOrRefused(file: string): Database.Database | undefined {
  try {
    return locked(file);
  } catch (cause) {
    const refused = refusedBySqlite(cause);
    if (refused === undefined) throw cause;
    throw new SelfprovError('unavailable', `cannot use ${file}: ${refused.message}`, { cause });
  }
}

/** `undefined` when another process has it. Whoever lets it go takes the file away: what was opened before must be what is there. */
function locked(file: string): Database.Database | undefined {
  for (;;) {
    // A process that opens and closes a file loses what it has locked there.
    if (!existsSync(file)) writeFileSync(file, '', { flag: 'a' });
    const before = numberOf(file);
    const lock = opened(file);
    try {
      lock.exec('BEGIN EXCLUSIVE');
      if (before !== undefined && before === numberOf(file)) return lock;
      lock.close();
    } catch (cause) {
      lock.close();
      if (!isBusy(cause)) throw cause;
      return undefined;
    }
  }
}

function opened(file: string, options: Database.Options = {}): Database.Database {
  const lock = new Database(file, { timeout: 0, ...options });
  keepStatements(lock);
  return lock;
}

const isBusy = (error: unknown): boolean => (error as { code?: string }).code === 'SQLITE_BUSY';

/** By which the system knows a file, whatever it is called. */
function numberOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.ino;
}

function readWhole(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return 'unknown';
  }
}
