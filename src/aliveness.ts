import type { Asterisk } from './asterisks.ts';
import { isRefusal } from './domain/errors.ts';
import type { Store } from './domain/ports.ts';
import type { Log } from './log.ts';
import { claimed } from './provisioning/claimed.ts';
import { pollLoop } from './schedule/pollLoop.ts';

/** Milliseconds without a sign of life after which the calls of a process are another one's. */
const LIFE_MS = 5000;
const BEAT_EVERY_MS = 1000;

/** Whether this process lives, among several that take each other's calls over. */
export interface Aliveness {
  /** False when it has been stopped for so long, a moment ago, that another one may have its calls. */
  isAlive(): boolean;
  close(): Promise<void>;
}

export interface AlivenessOptions {
  readonly store: Pick<Store, 'claim' | 'giveBack' | 'abandoned'>;
  /** Of all processes; `own` is this one's. */
  readonly apps: readonly string[];
  readonly own: string;
  readonly asterisks: readonly Asterisk[];
  /** Another process may have all of this one's calls. */
  readonly onGap: () => void;
  readonly log: Log;
}

/**
 * Gives a sign of life every second, and takes over the calls of those who give none any more: a process that is killed or
 * frozen would leave its callers in silence. Its clients at Asterisk tell nothing of that: a frozen one stays connected.
 */
export function keepAlive({ store, apps, own, asterisks, onGap, log }: AlivenessOptions): Aliveness {
  let lastTurn = performance.now();
  /** A call leaves the app that it is in when what it hears has ended. */
  const taken = new Set<string>();
  const isAlive = (): boolean => performance.now() - lastTurn < LIFE_MS;

  async function beat(): Promise<void> {
    if (!isAlive()) onGap();
    lastTurn = performance.now();
    try {
      await store.claim('app', [own], LIFE_MS);
      const gone = (await store.abandoned('app')).filter((app) => app !== own && apps.includes(app));
      await claimed(store, 'orphans', gone, async (mine) => {
        for (const app of mine) await Promise.all(asterisks.map((asterisk) => takeOver(asterisk, app, taken, log)));
      });
    } catch (error) {
      // Without the database nobody can take anything over, and nobody has to.
      if (!isRefusal(error, 'unavailable')) log.error({ err: error }, 'other processes could not be looked after');
    }
  }

  const beating = pollLoop(beat, BEAT_EVERY_MS);
  return { isAlive, close: beating.close };
}

async function takeOver({ ari }: Asterisk, app: string, taken: Set<string>, log: Log): Promise<void> {
  if (ari.state().state !== 'up') return;
  try {
    for (const channel of await ari.channels(app)) {
      if (taken.has(channel)) continue;
      taken.add(channel);
      log.warn({ channel, app }, 'a call is taken over from a process that gives no sign of life');
      await ari.takeOver(channel).catch((error: unknown) => {
        if (isRefusal(error, 'not_found')) return;
        // It is still where it was, and waits.
        taken.delete(channel);
        throw error;
      });
    }
  } catch (error) {
    // It does not know the app, or is away.
    if (!isRefusal(error, 'not_found') && !isRefusal(error, 'unavailable')) throw error;
  }
}
