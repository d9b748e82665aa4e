import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { pollLoop } from './schedule/pollLoop.ts';

/** Who has started this process and waits to hear of it, as sd_notify(3) has it. */
export interface SupervisorPlace {
  /** A path, or with `@` in front a name. */
  readonly socket: string;
  /** Where its program is looked for, as PATH. */
  readonly searchPath: string;
  /** Milliseconds within which it wants a sign of life, again and again; `undefined`: it wants none. */
  readonly watchdogMs: number | undefined;
}

/** Told until `close`, which tells that this process is ending. */
export interface ToldSupervisor {
  close(): Promise<void>;
}

/** For a reader of `failed`. */
export const UNTOLD = 'systemd could not be told how this process is';

const TELL_WITHIN_MS = 5000;

/**
 * Tells systemd that this process serves now, and gives its signs of life: a process whose event loop stands still gives none, and
 * is started anew. What it depends on, Asterisk or the database, may be away all the same: starting anew mends neither. By
 * systemd's own program, since Node.js cannot write to such a socket; the unit needs `NotifyAccess=all` for that. Does
 * nothing where nobody waits, and `failed` hears when it cannot be told. `isWell`: whether there is life to give a sign of.
 */
export async function tellSupervisor(
  place: SupervisorPlace | undefined,
  status: string,
  failed: (error: unknown) => void,
  isWell: () => Promise<boolean> = () => Promise.resolve(true),
): Promise<ToldSupervisor> {
  if (place === undefined) return { close: () => Promise.resolve() };
  const tell = async (...words: readonly string[]): Promise<void> => {
    try {
      await promisify(execFile)('systemd-notify', words, {
        env: { PATH: place.searchPath, NOTIFY_SOCKET: place.socket },
        timeout: TELL_WITHIN_MS,
      });
    } catch (error) {
      failed(error);
    }
  };
  await tell('--ready', `--status=${status}`);
  const beating =
    place.watchdogMs === undefined
      ? undefined
      : pollLoop(async () => ((await isWell()) ? tell('WATCHDOG=1') : undefined), Math.floor(place.watchdogMs / 3));
  return {
    async close() {
      await beating?.close();
      await tell('STOPPING=1', '--status=stopping');
    },
  };
}
