import { once } from 'node:events';
import * as http from 'node:http';
import * as https from 'node:https';
import { text } from 'node:stream/consumers';
import swagger, { type SwaggerCall } from 'swagger-client';
import { SelfprovError, type ErrorCode } from '../../domain/errors.ts';
import { untilAny } from '../../link/untilAny.ts';

/** Where ari-client's requests to one origin go: it knows one set of credentials for the whole process. */
export interface AriServer {
  /** Scheme, host and port. */
  readonly origin: string;
  readonly user: string;
  readonly password: string;
  /** Time limit of one request, its wait for its turn included. */
  readonly limitMs: number;
  /** Ends all requests. */
  readonly signal: AbortSignal;
}

type Asked = Partial<Pick<SwaggerCall, 'method' | 'headers' | 'body'>>;

const CODES: Readonly<Record<number, ErrorCode>> = {
  400: 'invalid',
  401: 'unauthorized',
  403: 'unauthorized',
  404: 'not_found',
  409: 'conflict',
  412: 'conflict',
  422: 'invalid',
  // Of a dialplan function that has nothing to say, for one.
  500: 'invalid',
};

/**
 * Others wait for their turn: Asterisk's HTTP server closes what is over its `sessionlimit` (100). A connection is used again for what
 * comes soon, and not for what comes later: Asterisk ends one on which nothing is asked (`session_keep_alive`, 15 s), and could do so
 * just then. A large table of users needs more connections otherwise than the system has.
 */
const AT_ONCE = { maxSockets: 16, keepAlive: true, timeout: 1000 };
const agents = { http: new http.Agent(AT_ONCE), https: new https.Agent(AT_ONCE) };

const servers = new Map<string, readonly AriServer[]>();

/**
 * Sends the requests to its origin as this says, until it has ended, unless there is another one that has not: of two connections of
 * this process the end of the later one ends no request of the other.
 */
export function useServer(next: AriServer): void {
  servers.set(next.origin, [...liveAt(next.origin), next]);
}

/** Oldest first. */
function liveAt(origin: string): readonly AriServer[] {
  return servers.get(origin)?.filter(({ signal }) => !signal.aborted) ?? [];
}

/** One request and the text of its answer. Whatever goes wrong is a `SelfprovError`; `unavailable` without an answer. */
export async function request(url: URL, { method = 'GET', headers, body }: Asked = {}): Promise<string> {
  const [server = servers.get(url.origin)?.at(-1)] = liveAt(url.origin);
  if (server === undefined) throw new Error('a request to ARI before there was a server');
  const { user, password, limitMs, signal } = server;
  return untilAny([signal, AbortSignal.timeout(limitMs)], async (either) => {
    try {
      const options = { method, auth: `${user}:${password}`, signal: either };
      const asked =
        url.protocol === 'https:'
          ? https.request(url, { ...options, agent: agents.https })
          : http.request(url, { ...options, agent: agents.http });
      for (const [name, value] of Object.entries(headers ?? {}))
        if (name.toLowerCase() !== 'authorization') asked.setHeader(name, value);
      // Of an end in the middle of the answer; an earlier one is heard below as well.
      asked.on('error', () => {});
      const [response] = (await once(asked.end(body), 'response')) as [http.IncomingMessage];
      const data = await text(response);
      const { statusCode: status = 0 } = response;
      if (status >= 200 && status < 300) return data;
      throw new SelfprovError(
        CODES[status] ?? 'unavailable',
        `Asterisk (ARI) answers ${status} to ${method} ${url.pathname}`,
      );
    } catch (cause) {
      if (cause instanceof SelfprovError) throw cause;
      const why = either.aborted ? 'did not answer in time' : `cannot be asked: ${reasonOf(cause)}`;
      throw new SelfprovError('unavailable', `Asterisk (ARI) ${why}`, { cause });
    }
  });
}

/**
 * In the place of ari-client's own HTTP, which has no time limits and ends the process on an answer that it did not expect.
 * What `on.error` is given is what the promise of an operation is rejected with.
 */
function execute({ url, on, ...asked }: SwaggerCall): void {
  const { origin, pathname } = new URL(url);
  request(new URL(url), asked)
    .then((data) =>
      on.response(pathname.startsWith('/ari/api-docs/') ? { data, obj: documentOf(data, origin) } : { data }),
    )
    .catch((error: unknown) => on.error(error))
    // What reads the documents throws what it has told its promise.
    .catch(() => {});
}

/**
 * Asterisk's say "1.1", which is read just as 1.2 is, but with a notice on the console that it is deprecated; and they say where
 * Asterisk believes to be, which is not where it is asked when there is a proxy.
 */
function documentOf(data: string, origin: string): unknown {
  return { ...(JSON.parse(data) as object), swaggerVersion: '1.2', basePath: `${origin}/ari` };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || String((error as NodeJS.ErrnoException).code);
}

swagger.SwaggerHttp.prototype.execute = execute;
