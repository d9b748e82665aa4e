import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { lookup } from 'node:dns';
import * as http from 'node:http';
import * as https from 'node:https';
import { isPrivateAddress } from '../domain/addresses.ts';
import { inJson } from '../domain/inJson.ts';
import type { Event } from '../domain/journal.ts';
import type { Secret } from '../domain/secret.ts';
import type { Told, Webhook } from '../domain/webhook.ts';

const ANSWER_WITHIN_MS = 10_000;
/** Before a secret's base64. */
export const PREFIX = 'whsec_';

/** Tells one URL of one event (Standard Webhooks 1.0): signed, the same id each time. Follows nowhere, and reads no answer but its status. */
export async function tellWebhook(
  { url, secret, isConfined }: Pick<Webhook, 'url' | 'secret' | 'isConfined'>,
  event: Event,
): Promise<Told> {
  const id = `evt_${event.id}`;
  const body = inJson({ type: event.step, timestamp: new Date(event.at).toISOString(), data: event });
  const timestamp = String(Math.floor(Date.now() / 1000));
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'user-agent': 'selfprov',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signatureOf(secret, `${id}.${timestamp}.${body}`)}`,
  };
  try {
    const options = { method: 'POST', headers, signal: AbortSignal.timeout(ANSWER_WITHIN_MS) };
    const confined = isConfined ? { lookup: publicOnly } : {};
    if (isConfined && isOwn(new URL(url).hostname)) throw new Error(OWN);
    const asked = (url.startsWith('https:') ? https : http).request(url, { ...options, ...confined });
    // Of an end in the middle of the answer; an earlier one is heard below as well.
    asked.on('error', () => undefined);
    const [response] = (await once(asked.end(body), 'response')) as [http.IncomingMessage];
    response.destroy();
    return { status: response.statusCode ?? 0 };
  } catch (error) {
    return { error: reasonOf(error) };
  }
}

/** As base64, of what the secret's base64 stands for. */
export function signatureOf(secret: Secret, text: string): string {
  const key = Buffer.from(secret.reveal().slice(PREFIX.length), 'base64');
  return createHmac('sha256', key).update(text).digest('base64');
}

const OWN = 'it is in a network of our own, where a tenant’s webhook may not reach';

function isOwn(address: string): boolean {
  const plain = address.replace(/^\[|\]$/g, '');
  // What is no address of anybody leads to this machine, in whichever spelling.
  return ['localhost', '0.0.0.0', '::', '::ffff:0:0', '::ffff:0.0.0.0'].includes(plain) || isPrivateAddress(plain);
}

/** What a name stands for is looked at where it is connected to: it may be another address the next time. */
const publicOnly: http.RequestOptions['lookup'] = (name, options, done) => {
  lookup(name, { ...options, all: true }, (error, found) => {
    const all = Array.isArray(found) ? found : [];
    const own = all.find(({ address }) => isOwn(address));
    if (error !== null) done(error, all);
    else if (own !== undefined) done(new Error(OWN), all);
    else done(null, all);
  });
};

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'AbortError' || error.name === 'TimeoutError')
    return `did not answer within ${ANSWER_WITHIN_MS / 1000} s`;
  return error.message || String((error as NodeJS.ErrnoException).code);
}
