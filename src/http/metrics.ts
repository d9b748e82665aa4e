import type { Request, RequestHandler } from 'express';
import { plainAddress } from '../domain/addresses.ts';

/** What Prometheus is given. */
export interface MetricsText {
  readonly contentType: string;
  readonly text: string;
}

/** Answers with all metrics as they are now; who does not ask on this machine has to show a token that may read. */
export function metricsHandler(
  scrape: () => Promise<MetricsText>,
  mayRead: (request: Request) => Promise<boolean>,
): RequestHandler {
  return async (request, response) => {
    if (!isOnThisMachine(request.ip) && !(await mayRead(request))) {
      response
        .status(401)
        .set('WWW-Authenticate', 'Bearer realm="selfprov"')
        .type('text/plain')
        .send('A token is needed\n');
      return;
    }
    const { contentType, text } = await scrape();
    response.status(200).set({ 'Cache-Control': 'no-store', 'Content-Type': contentType }).send(text);
  };
}

function isOnThisMachine(given = ''): boolean {
  const address = plainAddress(given);
  return address.startsWith('127.') || address === '::1';
}
