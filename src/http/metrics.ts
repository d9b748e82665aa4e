import type { RequestHandler } from 'express';

/** What Prometheus is given. */
export interface MetricsText {
  readonly contentType: string;
  readonly text: string;
}

/** Answers whoever may ask with all metrics as they are now. */
export function metricsHandler(scrape: () => Promise<MetricsText>): RequestHandler {
  return async (_request, response) => {
    const { contentType, text } = await scrape();
    response.status(200).set({ 'Cache-Control': 'no-store', 'Content-Type': contentType }).send(text);
  };
}
