import { hash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Ready } from '../provisioning/fast/fastPath.ts';

/** Headers that make an answer depend on more than the file: such a request is Express's. */
const UNUSUAL = ['cache-control', 'content-length', 'if-modified-since', 'transfer-encoding'] as const;
const FORWARDED = ['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto'] as const;

/** Whether a request can be answered without Express: it asks for a file, and nobody has forwarded it. */
export function isUsual({ method, headers }: IncomingMessage): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  return UNUSUAL.every((name) => headers[name] === undefined) && FORWARDED.every((name) => headers[name] === undefined);
}

interface Head {
  readonly tag: string;
  /** Names and values in turn: those of the file, and the tag alone; for a cache on the way, or not. */
  readonly whole: readonly (string | number)[];
  readonly wholeNoStore: readonly (string | number)[];
}

const NO_STORE = ['Cache-Control', 'no-store'] as const;
const heads = new WeakMap<Buffer, Head>();

/** Sends a file with the headers that `sendAnswer` sets; false, and nothing is sent, where Express has to look closer. */
export function sendReady(
  request: IncomingMessage,
  response: ServerResponse,
  ready: Ready,
  { hasToken }: { readonly hasToken: boolean },
): boolean {
  const head = heads.get(ready.body) ?? headOf(ready);
  const known = request.headers['if-none-match'];
  if (head === undefined || (known !== undefined && known !== head.tag)) return false;
  const isPrivate = ready.private || hasToken;
  if (known !== undefined) response.writeHead(304, [...(isPrivate ? NO_STORE : []), 'ETag', head.tag]).end();
  else {
    response.writeHead(200, (isPrivate ? head.wholeNoStore : head.whole) as string[]);
    response.end(request.method === 'HEAD' ? undefined : ready.body);
  }
  return true;
}

function headOf({ contentType, body }: Ready): Head | undefined {
  const type = completed(contentType);
  if (type === undefined) return undefined;
  const tag = tagOf(body);
  const whole = ['Content-Type', type, 'Content-Length', body.length, 'ETag', tag];
  const head = { tag, whole, wholeNoStore: [...NO_STORE, ...whole] };
  heads.set(body, head);
  return head;
}

/** As Express makes it (the package etag), so that what phones keep stays good. */
function tagOf(body: Buffer): string {
  return `"${body.length.toString(16)}-${hash('sha1', body, 'base64').slice(0, 27)}"`;
}

/** As Express completes it; `undefined` for what it would have to look up. */
function completed(contentType: string): string | undefined {
  if (/;\s*charset=/.test(contentType)) return contentType;
  return /^text\/[a-z]+$/.test(contentType) ? `${contentType}; charset=utf-8` : undefined;
}
