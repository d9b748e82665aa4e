import express, { type NextFunction, type Request, type Response } from 'express';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import { plainAddress } from '../domain/addresses.ts';
import { SelfprovError } from '../domain/errors.ts';
import { manyLines, type Log } from '../log.ts';
import type { Ready } from '../provisioning/fast/fastPath.ts';
import type { Answer } from '../provisioning/files/answerRequest.ts';
import { readTarget, type RequestTarget } from '../provisioning/files/requestTarget.ts';
import type { FileRequest } from '../provisioning/files/serveFile.ts';
import { NOT_FOUND, sendAnswer } from './sendAnswer.ts';
import { isUsual, sendReady } from './sendReady.ts';
import { statusOf } from './status.ts';
import { whenOver, type Over } from './whenOver.ts';

/** Logs and overrides that phones upload are read to the end, then forgotten. Larger ones are cut off. */
const LARGEST_UPLOAD = 4 * 1024 * 1024;

/** Targets that are remembered, and how long they may be. */
const MOST_READ = 4000;
const LONGEST_READ = 200;
/** Addresses that are warned of: anybody can write that a request was forwarded. */
const MOST_WARNED = 20;
/** Characters of a User-Agent in the log. */
const LONGEST_AGENT = 100;

export interface PhonesSettings {
  /** What can be answered at once; it is asked first. */
  readonly quick?: (request: FileRequest) => Ready | undefined;
  readonly answer: (request: FileRequest) => Promise<Answer | undefined>;
  /** Addresses of proxies whose `X-Forwarded-For` is believed. */
  readonly trustProxy: readonly string[];
  readonly log: Log;
  /** Hears of each request when its answer is over. */
  readonly onOver?: (over: RequestOver) => void;
}

/** What a request has come to. */
export interface RequestOver extends Over {
  readonly found: Answer | undefined;
  readonly status: number;
}

export interface PhonesApp {
  readonly handler: RequestListener;
  /** Resolves when every delivery so far has been noted, and every line is in the log. */
  noted(): Promise<void>;
}

/** A request, from its beginning until its answer has been sent. */
interface Pending {
  readonly target: RequestTarget;
  /** Without port; a proxy that is believed may say it is another. */
  address: string;
  found: Answer | undefined;
  /** What is being waited for; Express asks itself where nobody has. */
  answered: Promise<Answer | undefined> | undefined;
}

/**
 * What answers phones: GET and HEAD of files, PUT and POST of what phones upload. Everything that is not served gets the
 * same 404. Files that are made are sent without Express, which takes several times as long as making them does; all else is its.
 */
export function phonesApp({ quick, answer, trustProxy, log, onOver }: PhonesSettings): PhonesApp {
  const app = express();
  const pendings = new WeakMap<IncomingMessage, Pending>();
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

  function begin(request: IncomingMessage, response: ServerResponse): Pending {
    const target = targetFor(request.url ?? '/');
    const address = plainAddress(request.socket.remoteAddress);
    const pending: Pending = { target, address, found: undefined, answered: undefined };
    whenOver(request, response, ({ isWhole, ms }) => {
      const { found, address } = pending;
      const { statusCode: status } = response;
      const { method } = request;
      const path = target.loggable;
      const [device, family] = [found?.mac ?? null, found?.family];
      // Who is not known as a phone is given nothing: then it matters as what it came.
      const agent = found === undefined ? request.headers['user-agent']?.slice(0, LONGEST_AGENT) : undefined;
      const cut = isWhole ? undefined : true;
      lines.info({ device, family, agent, path, address, status, cut, ms }, `${method} ${status}`);
      onOver?.({ found, status, isWhole, ms });
      // 304: the phone has this very file, unless it has said no more than that it has some.
      const hasIt = status === 304 && request.headers['if-none-match'] !== '*';
      const isFetched = isWhole && method === 'GET' && (status === 200 || hasIt);
      if (isFetched && found?.kind === 'rendered' && found.delivered) note(found.delivered, path);
    });
    return pending;
  }

  /** Says whether it did. */
  function send(request: IncomingMessage, response: ServerResponse, { found, target }: Pending): boolean {
    return found?.kind === 'rendered' && sendReady(request, response, found, { hasToken: target.token !== null });
  }

  function byExpress(request: IncomingMessage, response: ServerResponse, pending: Pending): void {
    pendings.set(request, pending);
    // Express and what it calls write the URL into messages and error pages.
    request.url = '/';
    app(request, response);
  }

  app.disable('x-powered-by');
  app.set('etag', 'strong');
  app.set('trust proxy', [...trustProxy]);
  const isTrusted = app.get('trust proxy fn') as (address: string, hops: number) => boolean;
  const untrusted = new Set<string>();
  /** All phones behind it seem to have its address, and to be one place: that should not stay unnoticed. */
  function warnOfProxy({ headers, socket }: IncomingMessage): void {
    const { remoteAddress = '' } = socket;
    if (headers['x-forwarded-for'] === undefined || isTrusted(remoteAddress, 0)) return;
    if (untrusted.has(remoteAddress) || untrusted.size >= MOST_WARNED) return;
    untrusted.add(remoteAddress);
    const address = plainAddress(remoteAddress);
    log.warn(
      { address },
      'this address forwards requests, and SELFPROV_TRUST_PROXY does not name it: name it if it is your proxy',
    );
  }
  app.use(async (request: Request, response: Response, next: NextFunction) => {
    warnOfProxy(request);
    const pending = pendings.get(request) ?? begin(request, response);
    const { target } = pending;
    const { method } = request;
    const address = plainAddress(request.ip);
    // What a trusted proxy forwards may be any text.
    pending.address = isIP(address) === 0 ? '' : address;
    if (pending.answered === undefined && ['GET', 'HEAD', 'PUT', 'POST'].includes(method)) {
      const asked = askedBy(request, target, { address: pending.address, host: request.hostname });
      pending.answered = Promise.resolve(quick?.(asked) ?? answer(asked));
    }
    pending.found = await pending.answered;
    if (pending.found?.kind === 'accepted') await discard(request);
    sendAnswer(response, pending.found, { hasToken: target.token !== null }, next);
  });
  app.use((error: unknown, request: Request, response: Response, next: NextFunction) => {
    const status = statusOf(error);
    const path = pendings.get(request)?.target.loggable;
    log[status >= 500 ? 'error' : 'info']({ err: error, path, status }, 'request failed');
    // Nothing is left to Express but to end the connection; it would print an error.
    if (response.headersSent) return next();
    response
      .status(status)
      .type('text/plain')
      .send(status === 404 ? NOT_FOUND : 'Sorry\n');
  });
  return {
    handler(request, response) {
      const pending = begin(request, response);
      if (!isUsual(request)) return byExpress(request, response, pending);
      const host = hostnameOf(request.headers.host);
      const asked = askedBy(request, pending.target, { address: pending.address, host });
      pending.found = quick?.(asked);
      if (send(request, response, pending)) return;
      const answered = pending.found === undefined ? answer(asked) : Promise.resolve(pending.found);
      pending.answered = answered;
      answered.then(
        (found) => {
          pending.found = found;
          if (!send(request, response, pending)) byExpress(request, response, pending);
        },
        () => byExpress(request, response, pending),
      );
    },
    async noted() {
      lines.close();
      await Promise.all(noting);
    },
  };
}

function askedBy(
  { headers, method = '' }: IncomingMessage,
  { token, path, door }: RequestTarget,
  { address, host }: { readonly address: string; readonly host: string | undefined },
): FileRequest {
  const userAgent = headers['user-agent'] ?? null;
  return { path, door, host, userAgent, method, transport: 'http', claim: { token, address } };
}

/** As Express reads it where nobody has forwarded the request: without port. */
function hostnameOf(host: string | undefined): string | undefined {
  if (host === undefined || host === '') return undefined;
  const colon = host.indexOf(':', host.startsWith('[') ? host.indexOf(']') + 1 : 0);
  return colon < 0 ? host : host.slice(0, colon);
}

async function discard(request: Request): Promise<void> {
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_UPLOAD) throw new SelfprovError('invalid', 'the upload is too large', { reason: 'too_large' });
  }
}
