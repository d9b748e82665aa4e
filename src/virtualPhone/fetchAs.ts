import { lookup } from 'node:dns/promises';
import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { isIPv6 } from 'node:net';
import { shownUrl } from './phoneEvents.ts';
import { tftpGet } from './tftpClient.ts';

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

interface Asking {
  readonly address: string;
  readonly userAgent: string;
}

/**
 * A request as phones make it, by HTTP or TFTP: a connection of its own, from the phone's own address. Rejects when there is
 * no answer.
 */
export function fetchAs(phone: Asking, url: string, method: 'GET' | 'HEAD' = 'GET'): Promise<Fetched> {
  return url.startsWith('tftp:') ? fetchByTftp(phone, url) : fetchByHttp(phone, url, method);
}

async function fetchByTftp({ address }: Asking, url: string): Promise<Fetched> {
  const at = performance.timeOrigin + performance.now();
  const { hostname, port, pathname } = new URL(url);
  const server = await lookup(hostname, 4);
  const asked = {
    host: server.address,
    port: Number(port || 69),
    name: decodeURIComponent(pathname.slice(1)),
    address,
  };
  try {
    const { body: bytes } = await tftpGet(asked);
    return { at, url, status: 200, headers: {}, body: bytes.toString('utf8'), bytes };
  } catch (error) {
    // Code 1, file not found (RFC 1350): everything else is no answer.
    if (!(error instanceof Error && error.message.startsWith('1 '))) throw error;
    return { at, url, status: 404, headers: {}, body: '', bytes: Buffer.alloc(0) };
  }
}

function fetchByHttp(phone: Asking, url: string, method: 'GET' | 'HEAD'): Promise<Fetched> {
  const at = performance.timeOrigin + performance.now();
  const request = url.startsWith('https:') ? tlsRequest : plainRequest;
  const options = {
    agent: false,
    method,
    localAddress: phone.address,
    family: isIPv6(phone.address) ? 6 : 4,
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
    asked.once('timeout', () => asked.destroy(new Error(`no answer to ${method} ${shownUrl(url)}`)));
    asked.once('error', reject);
    asked.end();
  });
}
