import { EventEmitter } from 'node:events';
import type { Client } from 'ari-client';
import type { Logger } from 'pino';
import { isRefusal, SelfprovError } from '../../domain/errors.ts';
import { keepConnected, type LinkState } from '../../link/link.ts';
import { openAri, type AriEvent } from './connection.ts';

export type { AriEvent } from './connection.ts';

/** What is told of the link itself and of everything that comes over it. */
export interface AriListener {
  /** Asterisk is reachable (again); what happened before that has not been told. */
  up?(): void;
  down?(): void;
  event?(event: AriEvent): void;
}

/**
 * Asterisk over ARI. A request that is made while Asterisk cannot be reached waits for it; every request settles within
 * its limits, with a `SelfprovError` when it fails: `unavailable`, or `not_found` or `conflict` when the channel or playback
 * has gone. `close` makes all of them `unavailable` at once.
 */
export interface Ari {
  readonly app: string;
  state(): LinkState;
  listen(listener: AriListener): void;
  answer(channel: string): Promise<void>;
  hangUp(channel: string): Promise<void>;
  /** Channel variable or dialplan function; `null` when it has no value, or there is no such channel. */
  variable(channel: string, name: string): Promise<string | null>;
  /** Plays the media one after the other as one playback of this id. */
  play(channel: string, playback: string, media: readonly string[], language: string): Promise<void>;
  stopPlayback(playback: string): Promise<void>;
  /** Ids of the channels that are in our app, or in another one. */
  channels(app?: string): Promise<readonly string[]>;
  /** Takes a channel over from another app, with the words that the dialplan gave to that one. */
  takeOver(channel: string): Promise<void>;
  close(): Promise<void>;
  /** What PJSIP has under this name, wherever it has it from, as text; `undefined` when it has nothing. */
  sipObject(type: SipObject, id: string): Promise<Readonly<Record<string, string>> | undefined>;
  /** Changes single attributes. Rejects with `invalid` when there is no such object. */
  changeSipObject(type: SipObject, id: string, change: Readonly<Record<string, string>>): Promise<void>;
  /** Removing what is gone already is not an error. */
  removeSipObject(type: SipObject, id: string): Promise<void>;
  /** Names of all endpoints that PJSIP has. */
  sipEndpoints(): Promise<readonly string[]>;
  /** When Asterisk started, whole seconds as milliseconds. */
  startedAt(): Promise<number>;
  /** Names of the modules that run, like `res_pjsip.so`. */
  modules(): Promise<readonly string[]>;
  /** Has a module, `res_pjsip.so`, read its files again; calls and registrations stay. */
  reload(module: string): Promise<void>;
}

export type SipObject = 'endpoint' | 'aor' | 'contact' | 'auth';

export interface AriOptions {
  /** For the log, where there are several. */
  readonly name?: string;
  /** Base URL of Asterisk's HTTP server, for example `http://127.0.0.1:8088`. */
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** One name per process: Asterisk gives an app's calls to whoever asked for it last. */
  readonly app: string;
  readonly log: Logger;
  readonly signal?: AbortSignal;
  /** As `LinkOptions` has it. */
  readonly ending?: AbortSignal;
  /** Time limit of one request, and of the wait for a connection before it. */
  readonly limitMs?: number;
  /** A connection is given up after one to two of these without a sign of life. */
  readonly heartbeatMs?: number;
}

/** Connects, and goes on connecting until `close`; nothing of it ever throws. One at a time to each server: see http.ts. */
export function connectAri(options: AriOptions): Ari {
  const { app, log, limitMs = 10_000, heartbeatMs = 10_000 } = options;
  const listeners = new EventEmitter<{ [Name in keyof AriListener]-?: Parameters<Required<AriListener>[Name]> }>();

  /** An exception in one handler must neither reach the WebSocket nor keep the event from the others. */
  function guarded<A extends readonly unknown[]>(handler: (...args: A) => void): (...args: A) => void {
    return (...args) => {
      try {
        handler(...args);
      } catch (error) {
        log.error({ err: error }, 'an ARI event could not be handled');
      }
    };
  }

  const link = keepConnected({
    name: options.name ?? 'ARI',
    log,
    ending: options.ending,
    open: (signal) =>
      openAri({ ...options, limitMs, heartbeatMs, onEvent: (event) => void listeners.emit('event', event) }, signal),
    onUp: () => void listeners.emit('up'),
    onDown: () => void listeners.emit('down'),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });

  async function ask<T>(work: (client: Client) => PromiseLike<T>): Promise<T> {
    const { client } = await link.connection(AbortSignal.timeout(limitMs));
    try {
      return await work(client);
    } catch (cause) {
      if (cause instanceof SelfprovError) throw cause;
      throw new SelfprovError('unavailable', 'Asterisk (ARI) answered rubbish', { cause });
    }
  }

  async function variable(channel: string, name: string): Promise<string | null> {
    try {
      const { value } = await ask((client) => client.channels.getChannelVar({ channelId: channel, variable: name }));
      return value === '' ? null : value;
    } catch (error) {
      if (isRefusal(error, 'unavailable') || isRefusal(error, 'unauthorized')) throw error;
      return null;
    }
  }

  return {
    app,
    state: link.state,
    listen: ({ up, down, event }) => {
      if (up !== undefined) listeners.on('up', guarded(up));
      if (down !== undefined) listeners.on('down', guarded(down));
      if (event !== undefined) listeners.on('event', guarded(event));
    },
    answer: (channelId) => ask((client) => client.channels.answer({ channelId })),
    hangUp: (channelId) => ask((client) => client.channels.hangup({ channelId })),
    variable,
    play: async (channelId, playbackId, media, lang) => {
      await ask((client) => client.channels.playWithId({ channelId, playbackId, media: [...media], lang }));
    },
    stopPlayback: (playbackId) => ask((client) => client.playbacks.stop({ playbackId })),
    channels: async (of = app) =>
      [(await ask((client) => client.applications.get({ applicationName: of }))).channel_ids].flat(),
    takeOver: async (channelId) => {
      const { dialplan } = await ask((client) => client.channels.get({ channelId }));
      // As Stasis was called: the name of the app, and what it was given.
      const [, ...given] = (dialplan as { app_data?: string }).app_data?.split(',') ?? [];
      await ask((client) => (client.channels as Movable).move({ channelId, app, appArgs: given.join(',') }));
    },
    close: link.close,
    sipObject: (objectType, id) =>
      orNothing(async () => {
        const attributes = await ask((client) => client.asterisk.getObject({ ...SIP, objectType, id }));
        return Object.fromEntries(attributes.map(({ attribute, value }) => [attribute, value]));
      }),
    changeSipObject: async (objectType, id, change) => {
      const fields = Object.entries(change).map(([attribute, value]) => ({ attribute, value }));
      await ask((client) => client.asterisk.updateObject({ ...SIP, objectType, id, fields }));
    },
    removeSipObject: async (objectType, id) => {
      await orNothing(() => ask((client) => client.asterisk.deleteObject({ ...SIP, objectType, id })));
    },
    async sipEndpoints() {
      const found = await ask((client) => client.endpoints.listByTech({ tech: 'PJSIP' }));
      return found.map(({ resource }) => resource);
    },
    async startedAt() {
      const { status } = await ask((client) => client.asterisk.getInfo({ only: 'status' }));
      return Date.parse(String(status?.startup_time));
    },
    async modules() {
      const found = await ask((client) => client.asterisk.listModules());
      return found.flatMap(({ name, status }) => (status === 'Running' ? [name] : []));
    },
    reload: (moduleName) => ask((client) => client.asterisk.reloadModule({ moduleName })),
  };
}

/** Newer than the types of ari-client, which makes its operations of what Asterisk says there are. */
interface Movable {
  move(what: { readonly channelId: string; readonly app: string; readonly appArgs: string }): PromiseLike<void>;
}

const SIP = { configClass: 'res_pjsip' };

async function orNothing<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (isRefusal(error, 'not_found')) return undefined;
    throw error;
  }
}
