import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { connect, type Client } from 'ari-client';
import { isRefusal, SelfprovError } from '../../domain/errors.ts';
import { ending, type Ending } from '../../link/ending.ts';
import type { Connection } from '../../link/link.ts';
import { published } from '../../link/published.ts';
import { request, useServer } from './http.ts';

/** One event as Asterisk sent it. */
export interface AriEvent {
  readonly type: string;
  readonly [name: string]: unknown;
}

export interface AriConnection extends Connection {
  readonly client: Client;
}

export interface AriConnectionOptions {
  readonly url: string;
  readonly user: string;
  readonly password: string;
  readonly app: string;
  readonly limitMs: number;
  readonly heartbeatMs: number;
  /** Must not throw: ari-client does not catch it. */
  readonly onEvent: (event: AriEvent) => void;
}

const WANTED = [
  'StasisStart',
  'StasisEnd',
  'ChannelHangupRequest',
  'ChannelDestroyed',
  'ChannelDtmfReceived',
  'PlaybackFinished',
] as const;
/** Another process has taken our app. Both coming back at once would take it from each other for ever. */
const REPLACED_PAUSE_MS = 30_000;

/** Connects once: one ari-client, one WebSocket, no reconnection. Rejects when it does not come up before `signal` fires. */
export async function openAri(options: AriConnectionOptions, signal: AbortSignal): Promise<AriConnection> {
  const { url, user, password } = options;
  const { origin } = new URL(url);
  const whole = ending();
  const giveUp = (): void => whole.end({ reason: 'Asterisk did not answer in time' });
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    useServer({ ...options, origin, signal: whole.signal });
    // ari-client would say less clearly that nobody is there, or that the password is wrong.
    await request(new URL('/ari/asterisk/ping', origin));
    const client = await whole.orEnd(connect(origin, user, password));
    await whole.orEnd(start(client, options, whole));
    return { client, ended: whole.ended, close: () => whole.end({ reason: 'closed' }) };
  } catch (cause) {
    whole.end({ reason: 'not connected' });
    if (isRefusal(cause, 'unauthorized')) {
      const message = `Asterisk does not accept the ARI user "${user}" with this password`;
      throw new SelfprovError('unauthorized', message, { cause });
    }
    if (cause instanceof SelfprovError) throw cause;
    throw new SelfprovError('unavailable', `${url} does not describe itself as Asterisk (ARI) does`, { cause });
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

/** Opens the WebSocket; its end and its silence end the connection, and the end of the connection ends it. */
async function start(client: Client, options: AriConnectionOptions, { ended, end }: Ending): Promise<void> {
  const { app, heartbeatMs, onEvent } = options;
  // Its types know no event but by name.
  const events = client as unknown as EventEmitter;
  const opened = new Promise<void>((resolve) => client.on('WebSocketConnected', resolve));
  // It makes no tries of its own (vendor/backoff-func).
  client.on('WebSocketMaxRetries', (error?: Error) =>
    end({ reason: error === undefined ? 'Asterisk closed the WebSocket' : `WebSocket: ${error.message}` }),
  );
  client.on('ApplicationReplaced', () => {
    const reason = `Another program has taken over the app "${app}": give each its own name`;
    end({ reason, pauseMs: REPLACED_PAUSE_MS });
  });
  for (const type of WANTED) events.on(type, onEvent);

  let alive = true;
  client.on('pong', () => (alive = true));
  const heartbeat = setInterval(() => {
    if (!alive) return end({ reason: `Asterisk did not answer for ${heartbeatMs / 1000} s` });
    alive = false;
    client.ping();
  }, heartbeatMs);

  const opening = published<{ readonly socket: Socket }>('net.client.socket', () => {
    // That it did not open is told by WebSocketMaxRetries as well.
    client.start(app).catch(() => {});
  });
  void ended.then(() => {
    clearInterval(heartbeat);
    events.removeAllListeners();
    client.stop();
    opening?.socket.destroySoon();
  });

  await opened;
  // ari-client throws on an event that is not in the documents it has read. Asterisk shall send none but these.
  const allowed = [...WANTED, 'ApplicationReplaced'].map((type) => ({ type }));
  await client.applications.filter({ applicationName: app, filter: { allowed } });
}
