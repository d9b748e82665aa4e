import { SelfprovError } from '../../domain/errors.ts';
import type { PrivateAsterisk } from './privateAsterisk.ts';

type Kept = Pick<PrivateAsterisk, 'ended' | 'close'>;

export interface KeepRunningOptions<T extends Kept> {
  /** Starts it; must give up when `signal` fires. */
  readonly start: (signal: AbortSignal) => Promise<T>;
  /** Where it says why it died. */
  readonly logFile: string;
  /** It has died and is being started again. */
  readonly onDeath: () => void;
  readonly onRestart: () => void;
  /** Milliseconds, since any moment. */
  readonly now?: () => number;
}

export interface KeptAsterisk<T extends Kept> {
  /** The one that runs, or ran last. */
  readonly current: () => T;
  /** Rejects when it is not started again: it keeps dying, or cannot be started. */
  readonly givenUp: Promise<never>;
  close(): Promise<void>;
}

/** What dies so often within a minute dies of something that starting it again does not mend. */
const MOST_DEATHS = 3;
const WITHIN_MS = 60_000;

/** Starts an Asterisk, and starts it again whenever it dies, until `close`. Rejects when it cannot be started at first. */
export async function keepRunning<T extends Kept>(options: KeepRunningOptions<T>): Promise<KeptAsterisk<T>> {
  const { start, logFile, onDeath, onRestart, now = () => performance.now() } = options;
  const closed = new AbortController();
  let asterisk = await start(closed.signal);
  let deaths: readonly number[] = [];

  async function watch(): Promise<void> {
    for (;;) {
      await asterisk.ended;
      if (closed.signal.aborted) return;
      const at = now();
      deaths = [...deaths.filter((before) => at - before < WITHIN_MS), at];
      if (deaths.length === MOST_DEATHS) {
        const message = `Asterisk died ${MOST_DEATHS} times within a minute and is not started again: see ${logFile}`;
        throw new SelfprovError('unavailable', message);
      }
      onDeath();
      asterisk = await start(closed.signal);
      if (closed.signal.aborted) return asterisk.close();
      onRestart();
    }
  }

  const watching = watch();
  const givenUp = watching.then(() => new Promise<never>(() => {}));
  givenUp.catch(() => {});
  return {
    current: () => asterisk,
    givenUp,
    async close() {
      closed.abort();
      await asterisk.close();
      await watching.catch(() => {});
    },
  };
}
