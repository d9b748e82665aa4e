import { EventEmitter, once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import { SelfprovError } from '../domain/errors.ts';
import type { ConnectionEnd } from './ending.ts';
import { untilAny } from './untilAny.ts';

/** How a link is doing, for administrators. `error` is what ended the last connection or attempt, without secrets. */
export interface LinkState {
  readonly state: 'connecting' | 'up' | 'down';
  /** Since when, in milliseconds since 1970. */
  readonly since: number;
  readonly error: string | null;
}

/** One connection, used until it ends and never again. */
export interface Connection {
  /** Never rejects. */
  readonly ended: Promise<ConnectionEnd>;
  close(): void;
}

export interface Link<C extends Connection> {
  state(): LinkState;
  /** The connection that is up, or the next one; rejects with `unavailable` when `signal` fires or the link is closed first. */
  connection(signal: AbortSignal): Promise<C>;
  close(): Promise<void>;
}

export interface LinkOptions<C extends Connection> {
  /** What is connected to, for the log and for errors. */
  readonly name: string;
  /** Resolves with a connection that is ready for use. Must give up when `signal` fires. */
  readonly open: (signal: AbortSignal) => Promise<C>;
  readonly log: Logger;
  readonly onUp?: (connection: C) => void;
  readonly onDown?: () => void;
  /** Closes the link as `close` does. */
  readonly signal?: AbortSignal;
  /** All of selfprov is being stopped: Asterisk may be too, and nobody needs to be warned of that. */
  readonly ending?: AbortSignal | undefined;
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 15_000;
const OPEN_LIMIT_MS = 10_000;
/** A connection that ends sooner counts as a failed attempt. */
const STABLE_MS = 5_000;

/** Wait before the attempt that follows `failures` failed ones: doubling, with ±20 % so that many do not come at once. */
export function backOff(failures: number, random: number): number {
  const wait = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(Math.max(failures - 1, 0), 10));
  return Math.round(wait * (0.8 + 0.4 * random));
}

/** Keeps one connection up for ever: opens it, waits until it ends, waits a little, opens the next. */
export function keepConnected<C extends Connection>(options: LinkOptions<C>): Link<C> {
  const { name, open, log } = options;
  const closed = new AbortController();
  const changes = new EventEmitter().setMaxListeners(0);
  let current: C | undefined;
  let state: LinkState = { state: 'connecting', since: Date.now(), error: null };

  function setState(next: LinkState['state'], error: string | null): void {
    const same = state.state === next;
    const isEnding = closed.signal.aborted || options.ending?.aborted === true;
    if (!same || (state.error !== error && !isEnding)) {
      const level = next === 'down' && !isEnding ? 'warn' : 'info';
      log[level]({ link: name, state: next, error }, `${name} is ${next}`);
    }
    state = { state: next, since: same ? state.since : Date.now(), error };
  }

  function tell(handler: () => void): void {
    try {
      handler();
    } catch (error) {
      log.error({ err: error }, `what depends on ${name} failed to take note of its state`);
    }
  }

  /** One connection from its opening to its end. */
  async function connectOnce(): Promise<ConnectionEnd & { readonly stable: boolean }> {
    let connection: C;
    try {
      connection = await untilAny([closed.signal, AbortSignal.timeout(OPEN_LIMIT_MS)], open);
    } catch (error) {
      return { reason: error instanceof Error ? error.message : String(error), stable: false };
    }
    const since = Date.now();
    const end = (): void => connection.close();
    closed.signal.addEventListener('abort', end, { once: true });
    if (closed.signal.aborted) end();
    current = connection;
    setState('up', null);
    tell(() => options.onUp?.(connection));
    changes.emit('up');
    const ended = await connection.ended;
    closed.signal.removeEventListener('abort', end);
    current = undefined;
    tell(() => options.onDown?.());
    return { ...ended, stable: Date.now() - since >= STABLE_MS };
  }

  async function run(): Promise<void> {
    for (let failures = 0; !closed.signal.aborted;) {
      const { reason, pauseMs, stable } = await connectOnce();
      failures = stable ? 1 : failures + 1;
      setState('down', closed.signal.aborted ? 'closed' : reason);
      await pause(pauseMs ?? backOff(failures, Math.random()), undefined, { signal: closed.signal }).catch(() => {});
    }
  }

  async function connection(signal: AbortSignal): Promise<C> {
    while (current === undefined) {
      try {
        await untilAny([closed.signal, signal], (either) => once(changes, 'up', { signal: either }));
      } catch (cause) {
        const why = state.error === null ? '' : `: ${state.error}`;
        throw new SelfprovError('unavailable', `${name} cannot be reached${why}`, { cause });
      }
    }
    return current;
  }

  const running = run();
  const close = async (): Promise<void> => {
    closed.abort();
    await running;
  };
  options.signal?.addEventListener('abort', () => closed.abort(), { once: true });
  if (options.signal?.aborted === true) closed.abort();
  return { state: () => state, connection, close };
}
