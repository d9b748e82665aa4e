import express, { type NextFunction, type Request, type Response } from 'express';
import type { IncomingMessage, RequestListener } from 'node:http';
import { isIP } from 'node:net';
import { SelfprovError } from '../domain/errors.ts';
import type { Log } from '../log.ts';
import type { Answer } from '../provisioning/files/answerRequest.ts';
import { readTarget, type RequestTarget } from '../provisioning/files/requestTarget.ts';
import type { FileRequest } from '../provisioning/files/serveFile.ts';
import { statusOf } from './status.ts';

/** Logs and overrides that phones upload are read to the end, then forgotten. Larger ones are cut off. */
const LARGEST_UPLOAD = 4 * 1024 * 1024;
const NOT_FOUND = 'Not found\n';

export interface PhonesSettings {
  readonly answer: (request: FileRequest) => Promise<Answer | undefined>;
  /** Addresses of proxies whose `X-Forwarded-For` is believed. */
  readonly trustProxy: readonly string[];
  readonly log: Log;
}

/**
 * The listener for phones: GET and HEAD of files, PUT and POST of what phones upload. Everything that is not served
 * gets the same 404.
 */
export function phonesApp({ answer, trustProxy, log }: PhonesSettings): RequestListener {
  const app = express();
  const targets = new WeakMap<IncomingMessage, RequestTarget>();
  const targetOf = (request: IncomingMessage): RequestTarget => targets.get(request) ?? readTarget('/');
  app.disable('x-powered-by');
  app.set('etag', 'strong');
  app.set('trust proxy', [...trustProxy]);
  app.use(async (request: Request, response: Response) => {
    const started = performance.now();
    const { token, path, loggable } = targetOf(request);
    const address = addressOf(request);
    const userAgent = request.get('user-agent') ?? null;
    const known = ['GET', 'HEAD', 'PUT', 'POST'].includes(request.method);
    const asked: FileRequest = {
      path,
      userAgent,
      method: request.method,
      transport: 'http',
      claim: { token, address },
    };
    const found = known ? await answer(asked) : undefined;
    if (found?.kind === 'accepted') await discard(request);
    if (found?.kind === 'rendered') response.set('Content-Type', found.contentType).send(found.body);
    else if (found?.kind === 'accepted') response.type('text/plain').send('');
    else if (found?.kind === 'static') await sendWhole(response, found.file);
    else response.status(404).type('text/plain').send(NOT_FOUND);
    const ms = Math.round(performance.now() - started);
    log.info(
      {
        device: found?.mac ?? null,
        family: found?.family,
        path: loggable,
        address,
        status: response.statusCode,
        ms,
      },
      `${request.method} ${response.statusCode}`,
    );
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
  return (request, response) => {
    targets.set(request, readTarget(request.url ?? '/'));
    // Express and what it calls write the URL into messages and error pages.
    request.url = '/';
    app(request, response);
  };
}

/** What a trusted proxy forwards may be any text: an address is used, or nothing. */
function addressOf(request: Request): string {
  const address = (request.ip ?? '').replace(/^::ffff:/, '');
  return isIP(address) === 0 ? '' : address;
}

/** Resolves when the phone has it, or has gone. Hidden files have been refused; a folder above ours may be hidden. */
function sendWhole(response: Response, file: string): Promise<void> {
  return new Promise((resolve, reject) => {
    response.sendFile(file, { dotfiles: 'allow' }, (error?: NodeJS.ErrnoException) => {
      if (!error || error.code === 'ECONNABORTED') resolve();
      else reject(error);
    });
  });
}

async function discard(request: Request): Promise<void> {
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_UPLOAD) throw new SelfprovError('invalid', 'the upload is too large', { reason: 'too_large' });
  }
}
