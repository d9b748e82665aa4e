import { once } from 'node:events';
import { SelfprovError } from '../domain/errors.ts';

/** Why a connection is no more; `pauseMs` asks for a longer wait than usual before the next one. */
export interface ConnectionEnd {
  readonly reason: string;
  readonly pauseMs?: number;
}

/** The end of one connection. It is told once; the first word counts. */
export interface Ending {
  readonly ended: Promise<ConnectionEnd>;
  /** Fires with the end. */
  readonly signal: AbortSignal;
  end(why: ConnectionEnd): void;
  /** What `work` comes to, but `unavailable` as soon as the connection ends. */
  orEnd<T>(work: PromiseLike<T>): Promise<T>;
}

export function ending(): Ending {
  const over = new AbortController();
  const ended = once(over.signal, 'abort').then(() => over.signal.reason as ConnectionEnd);
  const failed = async (): Promise<never> => {
    const { reason } = await ended;
    throw new SelfprovError('unavailable', reason);
  };
  return {
    ended,
    signal: over.signal,
    end: (why) => over.abort(why),
    orEnd: (work) => Promise.race([work, failed()]),
  };
}
