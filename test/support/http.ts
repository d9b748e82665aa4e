import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';

/** One request of a phone and what it got. */
export interface Fetched {
  /** When it was sent, milliseconds since 1970. */
  readonly at: number;
  readonly url: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  readonly bytes: Buffer;
}

/** A request as phones make it: a connection of its own, from the phone's own address. Rejects when there is no answer. */
export function fetchAs(
  phone: { readonly address: string; readonly userAgent: string },
  url: string,
  method: 'GET' | 'HEAD' = 'GET',
): Promise<Fetched> {
  const at = performance.timeOrigin + performance.now();
  const request = url.startsWith('https:') ? tlsRequest : plainRequest;
  const options = {
    agent: false,
    method,
    localAddress: phone.address,
    headers: { 'User-Agent': phone.userAgent },
    timeout: 5000,
  } as const;
  return new Promise((resolve, reject) => {
    const asked = request(url, { ...options, rejectUnauthorized: false }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.once('error', reject);
      answer.once('end', () => {
        const bytes = Buffer.concat(chunks);
        resolve({
          at,
          url,
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          body: bytes.toString('utf8'),
          bytes,
        });
      });
    });
    asked.once('timeout', () => asked.destroy(new Error(`no answer to ${method} ${url}`)));
    asked.once('error', reject);
    asked.end();
  });
}
