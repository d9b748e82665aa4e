import { accessSync, constants, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { SelfprovError } from '../../domain/errors.ts';

/**
 * Takes a folder, or what has this name in it, for this process until `close`, or until it dies, however that happens. Refuses with `conflict` while another
 * process has it, in another container too. The lock is SQLite's own, on a file that holds nothing.
 */
export function holdFolder(directory: string, name = 'selfprov'): { close(): Promise<void> } {
  mkdirSync(directory, { recursive: true, mode: 0o750 });
  // SQLite would say no more than that it cannot.
  accessSync(directory, constants.W_OK | constants.X_OK);
  const whose = join(directory, `${name}.pid`);
  const lock = new Database(join(directory, `${name}.lock`), { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    if ((cause as { code?: string }).code !== 'SQLITE_BUSY') throw cause;
    throw new SelfprovError(
      'conflict',
      `selfprov runs in ${directory} already (process ${readWhole(whose)}): stop that one, or give this one a folder of its own (SELFPROV_DIR)`,
      { cause, reason: 'running' },
    );
  }
  writeFileSync(whose, `${process.pid}\n`);
  return {
    close: async () => void lock.close(),
  };
}

function readWhole(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return 'unknown';
  }
}
