import { DatabaseError } from '../../domain/errors.ts';
import { saidBy } from '../knexOptions.ts';

/** What an administrator can do about it. */
const ADVICE: Readonly<Record<string, string>> = {
  SQLITE_NOTADB: 'put the backup back, or, if it never was one, move it away',
  SQLITE_CORRUPT: 'it is damaged: put the backup back',
  SQLITE_FULL: 'free some space (df -h shows where)',
  SQLITE_IOERR: 'look whether its disk is full (df -h) or broken (dmesg)',
  SQLITE_READONLY: 'run this as the user that selfprov runs as, who has to be able to write it and its folder',
  SQLITE_CANTOPEN: 'run this as the user that selfprov runs as, who has to be able to read it and its folder',
  SQLITE_PERM: 'run this as the user that selfprov runs as',
};

/** What SQLite has refused, with what to do about it, and without the statement and its values; `undefined` for what is none of SQLite's. */
export function refusedBySqlite(error: unknown): DatabaseError | undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const [kind] = /^SQLITE_[A-Z]+/.exec(code) ?? [];
  if (kind === undefined) return undefined;
  const advice = ADVICE[kind];
  const said = `the database says: ${saidBy(error as Error)} (${code})`;
  return new DatabaseError(advice === undefined ? said : `${said}: ${advice}`);
}

/** Whether a disk has no room for what was to be written: as SQLite says it, or as the system does. */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  return /^(?:SQLITE_FULL|ENOSPC|EDQUOT)$/.test(code) || isDiskFull(error.cause);
}
