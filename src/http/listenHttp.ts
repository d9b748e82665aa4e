import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SelfprovError } from '../domain/errors.ts';

export interface Listener {
  readonly port: number;
  /** Lets running answers finish, for at most two seconds. */
  close(): Promise<void>;
}

const CLOSE_WITHIN = 2000;

/** Listens with limits that slow, broken and hostile clients meet. Rejects with `unavailable` when the port is taken. */
export async function listenHttp(
  handler: RequestListener,
  at: { readonly host: string; readonly port: number },
  what: string,
): Promise<Listener> {
  const server = createServer(
    { headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 5000, maxHeaderSize: 16 * 1024 },
    handler,
  );
  server.maxConnections = 10_000;
  server.listen(at.port, at.host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    throw new SelfprovError('unavailable', `cannot listen for ${what} on ${at.host} port ${at.port}: ${reason}`, {
      cause,
    });
  }
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeIdleConnections();
      const deadline = setTimeout(() => server.closeAllConnections(), CLOSE_WITHIN);
      await closed;
      clearTimeout(deadline);
    },
  };
}
