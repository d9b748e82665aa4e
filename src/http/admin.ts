import express, { type Express } from 'express';

/** State of one part that selfprov needs. */
export interface Health {
  readonly state: string;
  readonly ok: boolean;
  readonly [detail: string]: unknown;
}

/** The listener for administration: `/healthz`, 200 when every part is well and 503 otherwise. */
export function adminApp(health: () => Promise<Readonly<Record<string, Health>>>): Express {
  const app = express();
  app.disable('x-powered-by');
  app.get('/healthz', async (_request, response) => {
    const parts = await health();
    const ok = Object.values(parts).every((part) => part.ok);
    response
      .status(ok ? 200 : 503)
      .set('Cache-Control', 'no-store')
      .json({ ok, ...parts });
  });
  return app;
}
