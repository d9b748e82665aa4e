import { hash } from 'node:crypto';

/** ETag of a file, as Express makes it (the package etag): what phones have kept stays good. */
export function tagOf(body: Buffer): string {
  return `"${body.length.toString(16)}-${hash('sha1', body, 'base64').slice(0, 27)}"`;
}
