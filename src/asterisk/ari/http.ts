import { AsyncLocalStorage } from 'node:async_hooks';
import { SelfprovError } from '../../domain/errors.ts';
import type { ErrorCode } from '../../domain/errors.ts';
import swagger from 'swagger-client';
import type { SwaggerCall } from 'swagger-client';

/** Where the requests of one piece of work go, and until when. */
export interface AriAccess {
  /** Scheme, host and port; what the API documents say of it is not used, they know nothing of a proxy. */
  readonly origin: string;
  readonly authorization: string;
  /** Starts a request when it is its turn. */
  readonly inTurn: InTurn;
}

export type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

interface Exchange extends AriAccess {
  readonly signal: AbortSignal;
  readonly fail: (error: SelfprovError) => void;
}

/** ari-client's own credentials are one set for the whole process; so each request takes those of its work from here. */
const exchanges = new AsyncLocalStorage<Exchange>();

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
 * Runs `work`, which makes requests through ari-client. Settles at the latest when `signal` fires; whatever goes wrong is
 * a `SelfprovError`, `unavailable` when Asterisk did not answer.
 */
export async function throughAri<T>(access: AriAccess, signal: AbortSignal, work: () => PromiseLike<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void =>
      reject(new SelfprovError('unavailable', 'Asterisk (ARI) did not answer in time', { cause: signal.reason }));
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    exchanges
      .run({ ...access, signal, fail: reject }, async () => work())
      .then(resolve, (cause: unknown) => reject(new SelfprovError('unavailable', 'ARI answered rubbish', { cause })))
      .finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** At most so many at a time, in the order they came: Asterisk's HTTP server closes what is over its `sessionlimit` (100). */
export function atMost(count: number): InTurn {
  const waiting: (() => void)[] = [];
  let free = count;
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((start) => waiting.push(start));
    try {
      return await work();
    } finally {
      const start = waiting.shift();
      if (start === undefined) free += 1;
      else start();
    }
  };
}

/** ari-client's HTTP has no time limits and crashes the process on unexpected answers: this is put in its place. */
function execute(call: SwaggerCall): void {
  const exchange = exchanges.getStore();
  if (exchange === undefined) throw new Error('a request to ARI outside of throughAri');
  void exchange
    .inTurn(() => answer(call, exchange))
    .catch((cause: unknown) => {
      const error =
        cause instanceof SelfprovError
          ? cause
          : new SelfprovError('unavailable', `Asterisk (ARI) cannot be asked: ${reasonOf(cause)}`, { cause });
      exchange.fail(error);
      // Settles the library's own promise too.
      call.on.error({ status: 0, statusText: error.message, data: error.message });
    });
}

async function answer({ url, method, headers, body, on }: SwaggerCall, exchange: Exchange): Promise<void> {
  const asked = new URL(url);
  // ari-client has put the credentials of the process's first connection into them, under another spelling.
  const allHeaders = new Headers(headers);
  allHeaders.set('authorization', exchange.authorization);
  const response = await fetch(new URL(asked.pathname + asked.search, exchange.origin), {
    method,
    headers: allHeaders,
    signal: exchange.signal,
    redirect: 'error',
    ...(body === undefined || body === '' ? {} : { body }),
  });
  const data = await response.text();
  const { status, statusText } = response;
  if (!response.ok) {
    const place = `${method.toUpperCase()} ${asked.pathname}`;
    throw new SelfprovError(CODES[status] ?? 'unavailable', `Asterisk (ARI) answers ${status} to ${place}`);
  }
  on.response(data === '' ? { status, statusText, data } : { status, statusText, data, obj: JSON.parse(data) });
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}

swagger.SwaggerHttp.prototype.execute = execute;
// As it comes it also throws the message, which nobody can catch.
swagger.SwaggerApi.prototype.fail = function fail(message) {
  this.failure(message);
};
// The library's global; it writes a notice about Swagger's age to the console at each connection.
Object.assign(globalThis, { log: () => {} });
