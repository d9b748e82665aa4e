import { setTimeout as pause } from 'node:timers/promises';
import { DatabaseError, SelfprovError } from '../domain/errors.ts';

/** Milliseconds: how long another process may keep the database locked before one who waits is told. */
const PATIENCE_MS = 5000;
const LONGEST_PAUSE_MS = 50;

/**
 * better-sqlite3 waits for a lock without letting anything else run, so it is told not to wait: what met a lock is done
 * again a moment later. Rejects with `unavailable` when the lock lasts, and with `DatabaseError` for what is worse.
 */
export async function patiently<T>(work: () => Promise<T>): Promise<T> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await work();
    } catch (cause) {
      if (!isBusy(cause)) throw inWords(cause);
      if (performance.now() > giveUpAt) {
        throw new SelfprovError('unavailable', 'another program keeps the database locked: try again', { cause });
      }
      await pause(Math.random() * LONGEST_PAUSE_MS);
    }
  }
}

function isBusy(error: unknown): boolean {
  return sqliteCode(error)?.startsWith('SQLITE_BUSY') === true;
}

/** knex puts the statement before what SQLite says, and values with it: credentials and hashes among them. */
function inWords(error: unknown): unknown {
  const code = sqliteCode(error);
  if (code === undefined) return error;
  const said = (error as Error).message.split(' - ').at(-1);
  return new DatabaseError(`the database says: ${said} (${code})`);
}

function sqliteCode(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return code.startsWith('SQLITE_') ? code : undefined;
}
