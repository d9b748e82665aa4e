import type { Request, Response } from 'express';
import { setTimeout as pause } from 'node:timers/promises';
import { followEvents } from '../api/liveEvents.ts';
import type { Store } from '../domain/ports.ts';
import { inJson } from '../domain/inJson.ts';
import { mayBeAbove } from '../domain/journal.ts';

/** What a reader may leave unread before it is dropped: it comes again, and has what it missed. */
const MOST_UNREAD = 1024 * 1024;
const LOOK_EVERY_MS = 1000;
const SIGN_OF_LIFE_MS = 15_000;
const COME_AGAIN_MS = 2000;

export interface StreamNeeds {
  readonly store: Pick<Store, 'events'>;
  readonly tenantId: string;
  /** Without what is above tenants, for who is for this one alone. */
  readonly isWithin: boolean;
  /** Whether who reads may go on: asked with every sign of life. */
  readonly mayGoOn: () => Promise<boolean>;
}

/**
 * Sends what happens in a tenant as it happens (server-sent events, WHATWG HTML 9.2): each with its id, from behind `Last-Event-ID` or
 * `?after=`, else from now on. Resolves when nobody reads any more.
 */
export async function streamEvents(
  request: Request,
  response: Response,
  { store, tenantId, isWithin, mayGoOn }: StreamNeeds,
): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const { after } = request.query;
  const asked = request.get('last-event-id') ?? (typeof after === 'string' ? after : undefined);
  const { next } = await followEvents(store, tenantId, /^\d{1,15}$/.test(asked ?? '') ? asked : undefined);
  response.set({ 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' });
  // The first bytes are what a browser waits for.
  response.write(`retry: ${COME_AGAIN_MS}\n\n`);
  for (let signedAt = Date.now(); !gone.signal.aborted;) {
    for (const event of await next()) {
      if (isWithin && mayBeAbove(event)) continue;
      const data = inJson(event);
      response.write(`id: ${event.id}\nevent: ${event.step}\ndata: ${data}\n\n`);
    }
    if (response.writableLength > MOST_UNREAD) response.destroy();
    if (Date.now() - signedAt >= SIGN_OF_LIFE_MS) {
      if (!(await mayGoOn())) return void response.end();
      response.write(': \n\n');
      signedAt = Date.now();
    }
    await pause(LOOK_EVERY_MS, undefined, { signal: gone.signal }).catch(() => undefined);
  }
}
