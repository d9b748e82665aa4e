import express, { type NextFunction, type Request, type Response } from 'express';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import { SelfprovError } from '../domain/errors.ts';
import { manyLines, type Log } from '../log.ts';
import type { Ready } from '../provisioning/fast/fastPath.ts';
import type { Answer } from '../provisioning/files/answerRequest.ts';
import { readTarget, type RequestTarget } from '../provisioning/files/requestTarget.ts';
import type { FileRequest } from '../provisioning/files/serveFile.ts';
import { NOT_FOUND, sendAnswer } from './sendAnswer.ts';
import { isUsual, sendReady } from './sendReady.ts';
import { statusOf } from './status.ts';
import { whenOver } from './whenOver.ts';

/** Logs and overrides that phones upload are read to the end, then forgotten. Larger ones are cut off. */
const LARGEST_UPLOAD = 4 * 1024 * 1024;

/** Targets that are remembered, and how long they may be. */
const MOST_READ = 4000;
const LONGEST_READ = 200;

export interface PhonesSettings {
  /** What can be answered at once; it is asked first. */
  readonly quick?: (request: FileRequest) => Ready | undefined;
  readonly answer: (request: FileRequest) => Promise<Answer | undefined>;
  /** Addresses of proxies whose `X-Forwarded-For` is believed. */
  readonly trustProxy: readonly string[];
  readonly log: Log;
}

export interface PhonesApp {
  readonly handler: RequestListener;
  /** Resolves when every delivery so far has been noted, and every line is in the log. */
  noted(): Promise<void>;
}

/**
 * What answers phones: GET and HEAD of files, PUT and POST of what phones upload. Everything that is not served gets the
 * same 404.
 */
export function phonesApp({ quick, answer, trustProxy, log }: PhonesSettings): PhonesApp {
  const app = express();
  const targets = new WeakMap<IncomingMessage, RequestTarget>();
  const targetOf = (request: IncomingMessage): RequestTarget => targets.get(request) ?? readTarget('/');
  const noting = new Set<Promise<void>>();
  const lines = manyLines(log);
  /** Phones ask for the same again and again. */
  const read = new Map<string, RequestTarget>();

  function targetFor(url: string): RequestTarget {
    const known = read.get(url);
    if (known !== undefined) return known;
    if (read.size >= MOST_READ) read.clear();
    const target = readTarget(url);
    if (url.length < LONGEST_READ) read.set(url, target);
    return target;
  }

  function note(delivered: () => Promise<void>, path: string): void {
    const done: Promise<void> = Promise.resolve()
      .then(delivered)
      .catch((error: unknown) => log.error({ err: error, path }, 'a delivery could not be noted'))
      .finally(() => noting.delete(done));
    noting.add(done);
  }

  /** Says whether it did. */
  function answerQuickly(
    ready: (request: FileRequest) => Ready | undefined,
    request: IncomingMessage,
    response: ServerResponse,
    { token, path, door, loggable }: RequestTarget,
  ): boolean {
    const { headers, method = '' } = request;
    const address = plainAddress(request.socket.remoteAddress);
    const host = hostnameOf(headers.host);
    const userAgent = headers['user-agent'] ?? null;
    const found = ready({ path, door, ...host, userAgent, method, transport: 'http', claim: { token, address } });
    if (found === undefined || !sendReady(request, response, found, { hasToken: token !== null })) return false;
    whenOver(request, response, ({ isWhole, ms }) => {
      const { statusCode: status } = response;
      const cut = isWhole ? {} : { cut: true };
      const { mac: device, family } = found;
      lines.info({ device, family, path: loggable, address, status, ...cut, ms }, `${method} ${status}`);
    });
    return true;
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
      const asked = { path, door, host, userAgent, method, transport: 'http', claim: { token, address } } as const;
      found = (isUsual(request) ? undefined : quick?.(asked)) ?? (await answer(asked));
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
      const target = targetFor(request.url ?? '/');
      if (quick !== undefined && isUsual(request) && answerQuickly(quick, request, response, target)) return;
      targets.set(request, target);
      // Express and what it calls write the URL into messages and error pages.
      request.url = '/';
      app(request, response);
    },
    async noted() {
      lines.close();
      await Promise.all(noting);
    },
  };
}

/** What a trusted proxy forwards may be any text: an address is used, or nothing. */
function addressOf(request: Request): string {
  return plainAddress(request.ip);
}

function plainAddress(given: string | undefined): string {
  const address = (given ?? '').replace(/^::ffff:/, '');
  return isIP(address) === 0 ? '' : address;
}

/** As Express reads it where nobody has forwarded the request: without port. */
function hostnameOf(host: string | undefined): { readonly host?: string } {
  if (host === undefined || host === '') return {};
  const colon = host.indexOf(':', host.startsWith('[') ? host.indexOf(']') + 1 : 0);
  return { host: colon < 0 ? host : host.slice(0, colon) };
}

async function discard(request: Request): Promise<void> {
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_UPLOAD) throw new SelfprovError('invalid', 'the upload is too large', { reason: 'too_large' });
  }
}
