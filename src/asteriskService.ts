import { setTimeout as pause } from 'node:timers/promises';
import type { Config } from './config.ts';
import { boundLogs } from './logFiles.ts';
import { startOwnAsterisk, type OwnAsterisk } from './ownAsterisk.ts';

/** What is heard while it runs. */
export interface AsteriskService {
  /** Resolves when it is to end. */
  readonly stop: Promise<unknown>;
  /** Hears requests to read everything again, and to open log files again. */
  onSignal(what: 'reload' | 'reopen', act: () => void): void;
  /** Tells who has started it, as `sd_notify` (systemd) has it: `READY=1`, `WATCHDOG=1` … */
  notify(state: string): Promise<void>;
}

/** A watchdog of a minute, as in our unit, hears of it three times. */
const ALIVE_EVERY_MS = 20_000;

/**
 * A private Asterisk alone, for `selfprov serve` beside it, which comes and goes as it likes: calls and registrations stay. Until
 * `stop` resolves, or it keeps dying.
 */
export async function runAsterisk(config: Config, { stop, onSignal, notify }: AsteriskService): Promise<void> {
  let running: OwnAsterisk | undefined;
  onSignal('reload', () => void reload(running).catch(told('It goes on with what it had')));
  onSignal('reopen', () => void reopen(running).catch(told('Its logs are not opened again')));
  const asterisk = await startOwnAsterisk(config, { say, died: () => {}, back: () => {} });
  running = asterisk;
  const bounded = boundLogs([asterisk.logs], told('A log file could not be moved'));
  const over = new AbortController();
  try {
    say('Asterisk runs. "selfprov serve" works beside it.');
    await notify('READY=1');
    await Promise.race([stop, asterisk.givenUp, watchdog(asterisk, notify, over.signal)]);
    await notify('STOPPING=1');
  } finally {
    over.abort();
    await bounded.close();
    await asterisk.close();
  }
}

/** One that is only starting reads everything anyway. */
async function reload(asterisk: OwnAsterisk | undefined): Promise<void> {
  if (asterisk === undefined) return;
  await asterisk.reload();
  say('Asterisk has read its dialplan, its endpoints and its manager again; no call was dropped.');
}

async function reopen(asterisk: OwnAsterisk | undefined): Promise<void> {
  await asterisk?.logs.reopen();
}

/** One that hangs is told of no more. Never resolves. */
async function watchdog(asterisk: OwnAsterisk, notify: AsteriskService['notify'], over: AbortSignal): Promise<never> {
  while (!over.aborted) {
    if (await asterisk.current().answers()) await notify('WATCHDOG=1');
    await pause(ALIVE_EVERY_MS, undefined, { signal: over }).catch(() => undefined);
  }
  return new Promise(() => {});
}

const told =
  (what: string) =>
  (error: unknown): void =>
    say(`${what}: ${error instanceof Error ? error.message : String(error)}`);

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
