import type { EventEmitter } from 'node:events';
import { connect } from 'ari-client';
import type { Client } from 'ari-client';
import { isRefusal, SelfprovError } from '../../domain/errors.ts';
import { atMost, throughAri } from './http.ts';
import type { AriAccess } from './http.ts';
import type { Connection, ConnectionEnd } from '../link/link.ts';
import { untilAny } from '../link/untilAny.ts';

/** One event as Asterisk sent it. */
export interface AriEvent {
  readonly type: string;
  readonly [name: string]: unknown;
}

export interface AriConnection extends Connection {
  /** Makes one request; rejects with `unavailable` when the connection ends or `signal` fires before the answer. */
  ask<T>(signal: AbortSignal, work: (client: Client) => PromiseLike<T>): Promise<T>;
}

export interface AriConnectionOptions {
  readonly url: string;
  readonly user: string;
  readonly password: string;
  readonly app: string;
  readonly heartbeatMs: number;
  readonly onEvent: (event: AriEvent) => void;
  readonly onError: (error: unknown) => void;
}

/** What ari-client keeps to itself: its WebSocket, and whether it may connect again on its own. */
interface ClientInside {
  _ws: {
    ping(): void;
    terminate(): void;
    listeners(event: 'message'): ((data: Buffer) => void)[];
    on(event: string, listener: (detail: Buffer | Error | number) => void): void;
    prependListener(event: string, listener: () => void): void;
    removeAllListeners(event: string): void;
  };
  _wsClosed: boolean;
}

const REQUESTS_AT_ONCE = 16;
const GOODBYE_MS = 500;
/** Another process has taken our app. Both coming back at once would take it from each other for ever. */
const REPLACED_PAUSE_MS = 30_000;

/** Connects once: one ari-client, one WebSocket, no reconnection. Rejects when it does not come up before `signal` fires. */
export async function openAri(options: AriConnectionOptions, signal: AbortSignal): Promise<AriConnection> {
  const { url, user, password, app } = options;
  const origin = new URL(url).origin;
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const access: AriAccess = { origin, authorization, inTurn: atMost(REQUESTS_AT_ONCE) };
  const client = await throughAri(access, signal, () => connect(origin, user, password)).catch((cause: unknown) => {
    if (!isRefusal(cause, 'unauthorized')) throw cause;
    throw new SelfprovError('unauthorized', `Asterisk does not accept the ARI user "${user}" with this password`, {
      cause,
    });
  });

  const started = client.start(app);
  const { ended, close } = watch(client, options);
  const abort = (): void => close({ reason: 'The WebSocket did not open in time' });
  signal.addEventListener('abort', abort, { once: true });
  const end = await Promise.race([started, ended]);
  signal.removeEventListener('abort', abort);
  if (end !== undefined) throw new SelfprovError('unavailable', end.reason);

  const over = new AbortController();
  void ended.then(() => over.abort());
  return {
    ended,
    close: () => {
      client.stop();
      close({ reason: 'closed' }, GOODBYE_MS);
    },
    ask: (limit, work) => untilAny([limit, over.signal], (either) => throughAri(access, either, () => work(client))),
  };
}

/** Makes the WebSocket's end final, its silence an end, and what comes over it harmless. */
function watch(
  client: Client,
  { heartbeatMs, onEvent, onError, app }: AriConnectionOptions,
): { readonly ended: Promise<ConnectionEnd>; readonly close: (end: ConnectionEnd, goodbyeMs?: number) => void } {
  const inside = client as unknown as ClientInside;
  const socket = inside._ws;
  let alive = true;
  let close: (end: ConnectionEnd, goodbyeMs?: number) => void = () => {};

  const ended = new Promise<ConnectionEnd>((resolve) => {
    const heartbeat = setInterval(() => {
      if (!alive) return close({ reason: `Asterisk did not answer for ${heartbeatMs / 1000} s` });
      alive = false;
      socket.ping();
    }, heartbeatMs);
    close = (end, goodbyeMs = 0) => {
      clearInterval(heartbeat);
      resolve(end);
      if (goodbyeMs === 0) socket.terminate();
      else setTimeout(() => socket.terminate(), goodbyeMs).unref();
    };
  });
  // Tells the library that the end was meant; it would connect again by itself, and give up after 43 s.
  for (const event of ['close', 'error']) socket.prependListener(event, () => (inside._wsClosed = true));
  socket.on('error', (error) => close({ reason: `WebSocket: ${error instanceof Error ? error.message : 'error'}` }));
  socket.on('close', () => close({ reason: 'Asterisk closed the WebSocket' }));
  for (const sign of ['pong', 'message']) socket.on(sign, () => (alive = true));

  const [process] = socket.listeners('message');
  socket.removeAllListeners('message');
  socket.on('message', (data) => {
    alive = true;
    try {
      if (data instanceof Buffer) process?.(data);
    } catch (error) {
      // The library throws on an event that was not in the documents it read at connect.
      onError(error);
    }
  });
  (client as unknown as EventEmitter).on('*', (event: AriEvent) => {
    if (event.type !== 'ApplicationReplaced') return onEvent(event);
    const reason = `Another program has taken over the app "${app}": give each its own name`;
    close({ reason, pauseMs: REPLACED_PAUSE_MS });
  });
  return { ended, close };
}
