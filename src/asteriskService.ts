import type { Config } from './config.ts';
import { boundLogs } from './logFiles.ts';
import { startOwnAsterisk, type OwnAsterisk } from './ownAsterisk.ts';
import { tellSupervisor, UNTOLD } from './supervisor.ts';

/** What is heard while it runs. */
export interface AsteriskService {
  /** Resolves when it is to end. */
  readonly stop: Promise<unknown>;
  /** Hears requests to read everything again, and to open log files again. */
  onSignal(what: 'reload' | 'reopen', act: () => void): void;
}

/**
 * A private Asterisk alone, for `selfprov serve` beside it, which comes and goes as it likes: calls and registrations stay. Until
 * `stop` resolves, or it keeps dying.
 */
export async function runAsterisk(config: Config, { stop, onSignal }: AsteriskService): Promise<void> {
  let running: OwnAsterisk | undefined;
  onSignal('reload', () => void reload(running).catch(told('It goes on with what it had')));
  onSignal('reopen', () => void reopen(running).catch(told('Its logs are not opened again')));
  const asterisk = await startOwnAsterisk(config, { say, died: () => {}, back: () => {} });
  running = asterisk;
  const bounded = boundLogs([asterisk.logs], told('A log file could not be moved'));
  try {
    say('Asterisk runs. "selfprov serve" works beside it.');
    const supervisor = await tellSupervisor(config.supervisor, 'Asterisk runs', told(UNTOLD), () =>
      asterisk.current().answers(),
    );
    try {
      await Promise.race([stop, asterisk.givenUp]);
    } finally {
      await supervisor.close();
    }
  } finally {
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

const told =
  (what: string) =>
  (error: unknown): void =>
    say(`${what}: ${error instanceof Error ? error.message : String(error)}`);

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
