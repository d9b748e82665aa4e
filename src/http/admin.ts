import { TLSSocket } from 'node:tls';
import express, { type Express, type RequestHandler, type Router } from 'express';
import { API_PATH } from '../api/openapi.ts';
import { inJson } from '../domain/inJson.ts';

/** A day: it is for the whole host, where something else may be without HTTPS. */
const HSTS = 'max-age=86400';

/** State of one part that selfprov needs. */
export interface Health {
  readonly state: string;
  readonly ok: boolean;
  /** Somebody should look, and phones are served all the same. */
  readonly warning?: string;
  readonly [detail: string]: unknown;
}

/** What is behind a proof of who asks. */
export interface Behind {
  readonly api: Router;
  readonly page: Router;
  /** Addresses of proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed. */
  readonly trustProxy: readonly string[];
}

/** The listener for administration: `/healthz`, 200 when every part is well and 503 otherwise, `/metrics`, the API and the page. */
export function adminApp(
  health: () => Promise<Readonly<Record<string, Health>>>,
  metrics: RequestHandler,
  { api, page, trustProxy }: Behind,
): Express {
  const app = express();
  app.disable('x-powered-by');
  // Weak ones are good for no `If-Match`.
  app.disable('etag');
  app.set('trust proxy', [...trustProxy]);
  app.use((request, response, next) => {
    // Who is behind a proxy says so itself.
    if (request.socket instanceof TLSSocket) response.set('Strict-Transport-Security', HSTS);
    next();
  });
  app.use(API_PATH, api);
  app.get('/healthz', async (_request, response) => {
    const parts = await health();
    const ok = Object.values(parts).every((part) => part.ok);
    const warnings = Object.values(parts).flatMap(({ warning }) => (warning === undefined ? [] : [warning]));
    response
      .status(ok ? 200 : 503)
      .set('Cache-Control', 'no-store')
      .type('json')
      .send(inJson({ ok, warnings, ...parts }));
  });
  app.get('/metrics', metrics);
  app.use(page);
  return app;
}
