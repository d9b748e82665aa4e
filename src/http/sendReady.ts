import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Ready } from '../provisioning/fast/fastPath.ts';
import type { Answer } from '../provisioning/files/answerRequest.ts';
import { tagOf } from '../provisioning/files/tagOf.ts';

/** Headers that make an answer depend on more than the file: such a request is Express's. */
const UNUSUAL = ['cache-control', 'content-length', 'if-modified-since', 'transfer-encoding'] as const;
const FORWARDED = ['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto'] as const;

/** Whether a request can be answered without Express: it asks for a file, and nobody has forwarded it. */
export function isUsual({ method, headers }: IncomingMessage): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  return UNUSUAL.every((name) => headers[name] === undefined) && FORWARDED.every((name) => headers[name] === undefined);
}

type Rendered = Extract<Answer, { readonly kind: 'rendered' }> & Partial<Pick<Ready, 'tag'>>;

const NO_STORE = ['Cache-Control', 'no-store'] as const;

/** Sends a file with the headers that `sendAnswer` sets; false, and nothing is sent, where Express has to look closer. */
export function sendReady(
  request: IncomingMessage,
  response: ServerResponse,
  ready: Rendered,
  { hasToken }: { readonly hasToken: boolean },
): boolean {
  const { body, tag = tagOf(body) } = ready;
  const type = completed(ready.contentType);
  const known = request.headers['if-none-match'];
  if (type === undefined || (known !== undefined && known !== tag)) return false;
  const caching = ready.private || hasToken ? NO_STORE : [];
  if (known !== undefined) response.writeHead(304, [...caching, 'ETag', tag]).end();
  else {
    response.writeHead(200, [...caching, 'Content-Type', type, 'Content-Length', String(body.length), 'ETag', tag]);
    response.end(request.method === 'HEAD' ? undefined : body);
  }
  return true;
}

/** As Express completes it; `undefined` for what it would have to look up. */
function completed(contentType: string): string | undefined {
  if (/;\s*charset=/.test(contentType)) return contentType;
  return /^text\/[a-z]+$/.test(contentType) ? `${contentType}; charset=utf-8` : undefined;
}
