import express, { type NextFunction, type Request, type Response } from 'express';
import type { IncomingMessage, RequestListener } from 'node:http';
import { isIP } from 'node:net';
import { SelfprovError } from '../domain/errors.ts';
import type { Log } from '../log.ts';
import type { Answer } from '../provisioning/files/answerRequest.ts';
import { readTarget, type RequestTarget } from '../provisioning/files/requestTarget.ts';
import type { FileRequest } from '../provisioning/files/serveFile.ts';
import { NOT_FOUND, sendAnswer } from './sendAnswer.ts';
import { statusOf } from './status.ts';
import { whenOver } from './whenOver.ts';

/** Logs and overrides that phones upload are read to the end, then forgotten. Larger ones are cut off. */
const LARGEST_UPLOAD = 4 * 1024 * 1024;

export interface PhonesSettings {
  readonly answer: (request: FileRequest) => Promise<Answer | undefined>;
  /** Addresses of proxies whose `X-Forwarded-For` is believed. */
  readonly trustProxy: readonly string[];
  readonly log: Log;
}

export interface PhonesApp {
  readonly handler: RequestListener;
  /** Resolves when every delivery so far has been noted. */
  noted(): Promise<void>;
}

/**
 * What answers phones: GET and HEAD of files, PUT and POST of what phones upload. Everything that is not served gets the
 * same 404.
 */
export function phonesApp({ answer, trustProxy, log }: PhonesSettings): PhonesApp {
  const app = express();
  const targets = new WeakMap<IncomingMessage, RequestTarget>();
  const targetOf = (request: IncomingMessage): RequestTarget => targets.get(request) ?? readTarget('/');
  const noting = new Set<Promise<void>>();

  function note(delivered: () => Promise<void>, path: string): void {
    const done: Promise<void> = Promise.resolve()
      .then(delivered)
      .catch((error: unknown) => log.error({ err: error, path }, 'a delivery could not be noted'))
      .finally(() => noting.delete(done));
    noting.add(done);
  }

  app.disable('x-powered-by');
  app.set('etag', 'strong');
  app.set('trust proxy', [...trustProxy]);
  app.use(async (request: Request, response: Response, next: NextFunction) => {
    const { method } = request;
    const { token, path, door, loggable } = targetOf(request);
    const address = addressOf(request);
    let found: Answer | undefined;

    whenOver(request, response, ({ isWhole, ms }) => {
      const { statusCode: status } = response;
      const device = { device: found?.mac ?? null, family: found?.family };
      const cut = isWhole ? {} : { cut: true };
      log.info({ ...device, path: loggable, address, status, ...cut, ms }, `${method} ${status}`);
      // 304: the phone has this very file.
      const isFetched = isWhole && method === 'GET' && (status === 200 || status === 304);
      if (isFetched && found?.kind === 'rendered' && found.delivered) note(found.delivered, loggable);
    });

    if (['GET', 'HEAD', 'PUT', 'POST'].includes(method)) {
      const userAgent = request.get('user-agent') ?? null;
      const host = request.hostname;
      found = await answer({ path, door, host, userAgent, method, transport: 'http', claim: { token, address } });
    }
    if (found?.kind === 'accepted') await discard(request);
    sendAnswer(response, found, { hasToken: token !== null }, next);
  });
  app.use((error: unknown, request: Request, response: Response, next: NextFunction) => {
    const status = statusOf(error);
    log[status >= 500 ? 'error' : 'info']({ err: error, path: targetOf(request).loggable, status }, 'request failed');
    // Nothing is left to Express but to end the connection; it would print an error.
    if (response.headersSent) return next();
    response
      .status(status)
      .type('text/plain')
      .send(status === 404 ? NOT_FOUND : 'Sorry\n');
  });
  return {
    handler(request, response) {
      targets.set(request, readTarget(request.url ?? '/'));
      // Express and what it calls write the URL into messages and error pages.
      request.url = '/';
      app(request, response);
    },
    async noted() {
      await Promise.all(noting);
    },
  };
}

/** What a trusted proxy forwards may be any text: an address is used, or nothing. */
function addressOf(request: Request): string {
  const address = (request.ip ?? '').replace(/^::ffff:/, '');
  return isIP(address) === 0 ? '' : address;
}

async function discard(request: Request): Promise<void> {
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_UPLOAD) throw new SelfprovError('invalid', 'the upload is too large', { reason: 'too_large' });
  }
}
