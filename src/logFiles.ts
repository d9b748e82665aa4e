import { rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createLog, failuresIn, type Log } from './log.ts';
import { logWriter } from './logWriter.ts';
import { makeFolder } from './makeFolder.ts';
import { pollLoop } from './schedule/pollLoop.ts';

/** Files that one program writes, and how it is told to open them again. */
export interface LogFiles {
  readonly files: readonly string[];
  reopen(): Promise<void> | void;
}

/** selfprov's own log. */
export interface OwnLog {
  readonly log: Log;
  /** Why it is not all there, for a reader; `undefined` when nothing is the matter with it. */
  trouble(): string | undefined;
  /** Opens its file again, after that has been moved away. */
  reopen(): void;
  close(): Promise<void>;
}

/** In `file`, made with its folder for owner and group alone, or on standard output. `others` are kept from growing as it is. */
export function openLog(level: string, file: string | undefined, others: readonly LogFiles[] = []): OwnLog {
  if (file !== undefined) makeFolder(dirname(file), 0o750);
  const writer = logWriter(file);
  const log = createLog(level, writer);
  const { reopen, trouble } = writer;
  const all = file === undefined ? others : [{ files: [file], reopen }, ...others];
  const { close } = boundLogs(all, failuresIn(log)('a log file could not be moved'));
  return { log, trouble, reopen, close };
}

const LARGEST = 20_000_000;
const LOOK_EVERY_MS = 60_000;

/**
 * Keeps files from growing for ever where no logrotate looks after them: one that is larger than 20 MB becomes `….old`, in the place
 * of the one before. No line is lost: what is written until the program has opened its file again is in the one that was moved.
 */
export function boundLogs(all: readonly LogFiles[], failed: (error: unknown) => void): { close(): Promise<void> } {
  return pollLoop(async () => {
    for (const logs of all) await bound(logs).catch(failed);
  }, LOOK_EVERY_MS);
}

async function bound({ files, reopen }: LogFiles): Promise<void> {
  const sizes = await Promise.all(files.map((file) => stat(file).catch(() => ({ size: 0 }))));
  const large = files.filter((_, at) => (sizes[at]?.size ?? 0) > LARGEST);
  if (large.length === 0) return;
  for (const file of large) await rename(file, `${file}.old`);
  await reopen();
}
