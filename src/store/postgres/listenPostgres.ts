import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import pg from 'pg';
import type { Secret } from '../../domain/secret.ts';
import { ending } from '../../link/ending.ts';
import { elapsedFromNow } from '../../domain/elapsed.ts';
import { keepConnected, type Connection, type Link } from '../../link/link.ts';
import type { Hearer } from '../engine.ts';
import { UNANSWERED } from './oneAfterAnother.ts';

export const CHANNEL = 'selfprov';

const CONNECT_LIMIT_MS = 3000;
/**
 * A server that is frozen, or cut off, says nothing: no error comes of a connection on which nothing is asked. Behind a pooler
 * that gives each question another connection of its own, nothing is heard though all is answered: so it listens for itself.
 */
const BEAT_MS = 1000;
const BEAT_LIMIT_MS = 2000;
/** This process may be stopped too: what was told meanwhile waits in the socket, and so do those who ask for files. */
const SURE_MS = BEAT_MS + BEAT_LIMIT_MS;

/** Hears what is told on a connection of its own, for ever. `onSilence`: the server does not answer any more, to nobody. */
export function listenPostgres(url: Secret, hearer: Hearer, onSilence: () => void, log: Logger): Link<Connection> {
  return keepConnected({
    name: 'PostgreSQL',
    log,
    open: (signal) => open(url, hearer, onSilence, signal),
    onUp: hearer.found,
    onDown: hearer.lost,
  });
}

async function open(
  url: Secret,
  { heard, hears }: Hearer,
  onSilence: () => void,
  signal: AbortSignal,
): Promise<Connection> {
  const { ended, end, orEnd, signal: over } = ending();
  const client = new pg.Client({
    connectionString: url.reveal(),
    application_name: 'selfprov listens',
    connectionTimeoutMillis: CONNECT_LIMIT_MS,
    query_timeout: BEAT_LIMIT_MS,
  });
  // Of one restart there may be several, and the process ends with one that nobody hears.
  client.on('error', ({ message }) => end({ reason: message }));
  client.on('end', () => end({ reason: 'PostgreSQL closed the connection' }));
  client.on('notification', ({ payload = '' }) => heard(payload));
  const giveUp = (): void => end({ reason: 'PostgreSQL did not answer in time' });
  signal.addEventListener('abort', giveUp, { once: true });
  void ended.then(() => client.end().catch(() => undefined));
  try {
    await orEnd(client.connect());
    await orEnd(client.query(`LISTEN ${CHANNEL}`));
  } catch (error) {
    end({ reason: 'not connected' });
    throw error;
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
  void beat(client, hears, over).catch(({ message }: Error) => {
    if (message === UNANSWERED) onSilence();
    end({ reason: message });
  });
  return { ended, close: () => end({ reason: 'closed' }) };
}

/** What was told before a question, and by it, comes before its answer. */
async function beat(client: pg.Client, hears: Hearer['hears'], over: AbortSignal): Promise<void> {
  const own = `beat ${randomUUID()}`;
  let isHeard = false;
  client.on('notification', ({ payload }) => {
    isHeard ||= payload === own;
  });
  while (!over.aborted) {
    const elapsed = elapsedFromNow();
    isHeard = false;
    await client.query('SELECT pg_notify($1, $2)', [CHANNEL, own]);
    if (!isHeard) throw new Error('what is told is not heard: is there a pooler in between?');
    hears(() => elapsed() < SURE_MS && !over.aborted);
    await pause(BEAT_MS, undefined, { signal: over }).catch(() => undefined);
  }
}
