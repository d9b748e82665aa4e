import express, { type ErrorRequestHandler, type Request as Asked, type Router } from 'express';
import { checkMay, visitorWith } from '../administration/apiTokens.ts';
import { tableText } from '../administration/tables/tableText.ts';
import { knownTenant } from '../administration/tenants.ts';
import { carryOut, type Response } from '../api/carryOut.ts';
import { API_PATH, openApi } from '../api/openapi.ts';
import type { Facts } from '../api/operation.ts';
import { OPERATIONS, shownAt } from '../api/operations.ts';
import { problemOf } from '../api/problem.ts';
import { apiPage, type Document } from '../page/apiPage.ts';
import { languageOf } from '../page/render.ts';
import type { Core } from '../administration/core.ts';
import { may, type Visitor } from '../domain/access.ts';
import { SelfprovError } from '../domain/errors.ts';
import { Secret } from '../domain/secret.ts';
import type { Log } from '../log.ts';
import { addressOf } from './asked.ts';
import { sendParts } from './sendParts.ts';
import { streamEvents } from './eventStream.ts';
import { SECURITY } from './security.ts';

/** A table of 50,000 users is smaller. */
const LARGEST_BODY = '10mb';

export interface ApiNeeds {
  readonly core: Core;
  readonly facts: Facts;
  readonly version: string;
  readonly log: Log;
}

/** The operations by HTTP, below `/api/v1`, for who shows a token; the document of them is for everybody. */
export function apiRoutes({ core, facts, version, log }: ApiNeeds): Router {
  const routes = express.Router({ caseSensitive: true });
  // A tenth of a second's work, for who asks: no start waits for it.
  let made: ReturnType<typeof openApi> | undefined;
  const document = () => (made ??= openApi(OPERATIONS, version));
  routes.use((_request, response, next) => {
    // Answers have secrets in them, and a browser is not to guess what they are.
    response.set({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' });
    next();
  });
  routes.get('/openapi.json', (_request, response) => {
    response.type('json').send(JSON.stringify(document()));
  });
  // The same to read, for whoever comes by.
  routes.get('/', (request, response) => {
    const language = languageOf(request.get('accept-language'));
    response
      .set(SECURITY)
      .type('html')
      .send(apiPage(document() as unknown as Document, language));
  });
  // Before a body is read.
  routes.use(async (request, response, next) => {
    response.locals['visitor'] = await visitorOf(core, request);
    next();
  });
  routes.get('/tenants/:tenant/events/stream', async (request, response) => {
    const visitor = response.locals['visitor'] as Visitor;
    const { tenant: tenantId } = request.params;
    checkMay(visitor, 'see', tenantId);
    await knownTenant(core.store, tenantId);
    const mayGoOn = async (): Promise<boolean> => may(await visitorOf(core, request), 'see', tenantId);
    const isWithin = visitor.tenantId !== null;
    await streamEvents(request, response, {
      ...{ store: core.store, tenantId, isWithin },
      mayGoOn: () => mayGoOn().catch(() => false),
    });
  });
  routes.use(express.json({ limit: LARGEST_BODY, type: ['application/json', 'application/*+json'], strict: false }));
  routes.use(express.raw({ limit: LARGEST_BODY, type: 'text/csv' }));
  for (const operation of OPERATIONS) {
    routes[operation.method](operation.path.replaceAll(/\{(\w+)\}/g, ':$1'), async (request, response) => {
      const visitor = response.locals['visitor'] as Visitor;
      const { params: at, query } = request as Asked<Record<string, string>>;
      const body = operation.takesFile === true ? fileOf(request) : bodyOf(request);
      const asked = { at, query, body, key: request.get('idempotency-key'), ifMatch: request.get('if-match') };
      const of = shownAt(operation.path);
      await send(request, response, await carryOut({ core, facts, visitor, of }, operation, asked));
    });
  }
  routes.use((request) => {
    throw new SelfprovError(
      'not_found',
      `there is no ${request.method} ${API_PATH}${request.path}: see ${API_PATH}/openapi.json`,
    );
  });
  const sendProblem: ErrorRequestHandler = (error, _request, response, next) => {
    if (response.headersSent) return next(error);
    const problem = problemOf(error);
    if (problem.status >= 500) log.error({ err: error as unknown }, 'a request to the API could not be answered');
    if (problem.status === 401) response.set('WWW-Authenticate', 'Bearer realm="selfprov"');
    response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
  };
  routes.use(sendProblem);
  return routes;
}

/** Who shows this token. Rejects with `unauthorized`. */
export async function visitorOf(core: Core, request: Pick<Asked, 'get' | 'ip'>): Promise<Visitor> {
  const [, token] = /^Bearer +(\S+)$/i.exec(request.get('authorization') ?? '') ?? [];
  const visitor =
    token === undefined
      ? undefined
      : await visitorWith(core, { token: new Secret(token), address: addressOf(request) });
  if (visitor !== undefined) return visitor;
  throw new SelfprovError(
    'unauthorized',
    token === undefined
      ? 'a token is needed: Authorization: Bearer …, made by "selfprov token add"'
      : 'this token is none, or none any more: "selfprov token list" shows those that are',
  );
}

/** Nothing, where somebody has read it as something else already. */
function fileOf(request: Asked): unknown {
  return request.body === undefined ? request : undefined;
}

/** A table is the `csv` of a body. */
function bodyOf({ body }: Asked): unknown {
  if (!Buffer.isBuffer(body)) return (body as unknown) ?? {};
  return { csv: tableText(body) };
}

async function send(
  request: Asked,
  response: express.Response,
  { status, body, parts, type, location, etag }: Response,
): Promise<void> {
  if (parts !== undefined) return sendParts(response.status(status).type(type), parts);
  if (location !== undefined) response.set('Location', `${API_PATH}${location}`);
  if (etag !== undefined) response.set('ETag', etag);
  if (etag !== undefined && request.get('if-none-match') === etag) response.status(304).end();
  else if (body === '') response.status(status).end();
  else response.status(status).type(type).send(body);
}
