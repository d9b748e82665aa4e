import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { SelfprovError } from '../domain/errors.ts';
import type { Log } from '../log.ts';
import { fewLines, type LineLimits } from './fewLines.ts';
import { noteRefusals } from './refusals.ts';

export interface Listener {
  readonly port: number;
  /** Shows another certificate from the next connection on. Throws for one that is none. */
  show(certificate: ShownCertificate): void;
  /** Lets running answers finish, for at most two seconds. */
  close(): Promise<void>;
}

/** As PEM. */
export interface ShownCertificate {
  readonly cert: string;
  readonly key: string;
}

export interface HttpSettings {
  readonly host: string;
  readonly port: number;
  /** Who asks here, for messages. */
  readonly what: string;
  readonly log: Log;
  /** Then it is HTTPS. */
  readonly certificate?: ShownCertificate | undefined;
  readonly limits?: Partial<HttpLimits>;
  /** How much is logged of refused requests. */
  readonly lines?: Partial<LineLimits>;
  /** Hears of what was refused before it was a request, and with which status; `null` when it got no answer. */
  readonly onRefused?: (status: number | null) => void;
}

/** In milliseconds, but for `connections`. */
export interface HttpLimits {
  /** For the headers of a request to come. */
  readonly headers: number;
  /** For all of a request to come. */
  readonly request: number;
  /** For a client to read something of its answer, again and again. */
  readonly stalled: number;
  readonly connections: number;
}

const LIMITS: HttpLimits = { headers: 10_000, request: 30_000, stalled: 60_000, connections: 10_000 };
const CLOSE_WITHIN = 2000;

/** Listens with limits that slow, broken and hostile clients meet. Rejects with `unavailable` when the port is taken. */
export async function listenHttp(
  handler: RequestListener,
  { host, port, what, log, certificate, ...settings }: HttpSettings,
): Promise<Listener> {
  const limits = { ...LIMITS, ...settings.limits };
  const options = {
    headersTimeout: limits.headers,
    requestTimeout: limits.request,
    connectionsCheckingInterval: Math.min(limits.headers, 5000),
    keepAliveTimeout: 5000,
    maxHeaderSize: 16 * 1024,
    requireHostHeader: false,
  };
  const tls = certificate && createTlsServer({ ...options, ...certificate, handshakeTimeout: limits.headers });
  const server = tls ?? createServer(options);
  const lines = fewLines(log, settings.lines);
  const refuse = noteRefusals(server, lines, settings.onRefused);
  server.on('request', (request, response) => {
    // What comes behind a request that was refused.
    if (!request.socket.writable) return;
    // Node.js would refuse it too (RFC 9112, 3.2), without a word.
    const lacksHost = request.httpVersion === '1.1' && request.headers.host === undefined;
    if (lacksHost) refuse(request.socket, 400, 'it has no Host header');
    else handler(request, response);
  });
  server.timeout = limits.stalled;
  server.maxConnections = limits.connections;
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    throw new SelfprovError('unavailable', `cannot listen for ${what} on ${host} port ${port}: ${reason}`, {
      cause,
    });
  }
  return {
    port: (server.address() as AddressInfo).port,
    show: (shown) => tls?.setSecureContext(shown),
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeIdleConnections();
      const deadline = setTimeout(() => server.closeAllConnections(), CLOSE_WITHIN);
      await closed;
      clearTimeout(deadline);
      lines.flush();
    },
  };
}
