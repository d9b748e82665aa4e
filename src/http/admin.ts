import express, { type Express, type RequestHandler } from 'express';
import { inJson } from '../domain/inJson.ts';

/** State of one part that selfprov needs. */
export interface Health {
  readonly state: string;
  readonly ok: boolean;
  /** Somebody should look, and phones are served all the same. */
  readonly warning?: string;
  readonly [detail: string]: unknown;
}

/** The listener for administration: `/healthz`, 200 when every part is well and 503 otherwise, and `/metrics`. */
export function adminApp(health: () => Promise<Readonly<Record<string, Health>>>, metrics: RequestHandler): Express {
  const app = express();
  app.disable('x-powered-by');
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
  return app;
}
