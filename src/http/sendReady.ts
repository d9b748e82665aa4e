import { createHash } from 'node:crypto';
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
  readonly 'Content-Type': string;
  readonly 'Content-Length': number;
  readonly ETag: string;
}

const heads = new WeakMap<Buffer, Head>();

/** Sends a file with the headers that `sendAnswer` sets; false, and nothing is sent, where Express has to look closer. */
export function sendReady(
  request: IncomingMessage,
  response: ServerResponse,
  { contentType, body, private: isPrivate }: Ready,
  { hasToken }: { readonly hasToken: boolean },
): boolean {
  const type = whole(contentType);
  if (type === undefined) return false;
  let head = heads.get(body);
  if (head === undefined)
    heads.set(body, (head = { 'Content-Type': type, 'Content-Length': body.length, ETag: tagOf(body) }));
  const known = request.headers['if-none-match'];
  if (known !== undefined && known !== head.ETag) return false;
  const caching = isPrivate || hasToken ? { 'Cache-Control': 'no-store' } : undefined;
  if (known !== undefined) response.writeHead(304, { ...caching, ETag: head.ETag }).end();
  else if (request.method === 'HEAD') response.writeHead(200, { ...caching, ...head }).end();
  else response.writeHead(200, { ...caching, ...head }).end(body);
  return true;
}

/** As Express makes it (the package etag), so that what phones keep stays good. */
function tagOf(body: Buffer): string {
  return `"${body.length.toString(16)}-${createHash('sha1').update(body).digest('base64').slice(0, 27)}"`;
}

/** As Express completes it; `undefined` for what it would have to look up. */
function whole(contentType: string): string | undefined {
  if (/;\s*charset=/.test(contentType)) return contentType;
  return /^text\/[a-z]+$/.test(contentType) ? `${contentType}; charset=utf-8` : undefined;
}
