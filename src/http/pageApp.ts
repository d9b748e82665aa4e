import express, {
  type ErrorRequestHandler,
  type Request,
  type RequestHandler,
  type Response,
  type Router,
} from 'express';
import { createRequire } from 'node:module';
import type { Core } from '../administration/core.ts';
import { tableText } from '../administration/tables/tableText.ts';
import { choosePassword, invitedBy, signIn, signOut, visitorIn, type SignedIn } from '../administration/signIn.ts';
import { carryOut } from '../api/carryOut.ts';
import type { Facts, Operation } from '../api/operation.ts';
import { operationNamed, shownAt, type AnswerOf, type OperationId } from '../api/operations.ts';
import { problemOf } from '../api/problem.ts';
import type { Administrator, Visitor } from '../domain/access.ts';
import { SelfprovError } from '../domain/errors.ts';
import { Secret } from '../domain/secret.ts';
import { DEFAULT_TENANT, type Tenant } from '../domain/tenant.ts';
import type { Log } from '../log.ts';
import { formBody } from '../page/formBody.ts';
import { navigable, notEmpty, type Ask } from '../page/page.ts';
import { PAGES } from '../page/pages.ts';
import { madeMore, resultOf } from '../page/results.ts';
import { OVERVIEW } from '../page/pages/overview.ts';
import { SECURITY } from './security.ts';
import { ASSETS, languageOf, render, word } from '../page/render.ts';

const COOKIE = 'selfprov_session';
/** Passwords that are looked at, at one time: each takes 32 MB and a good part of a second. */
const MOST_SIGNING_IN = 4;
/** A table of 50,000 users is smaller. */
const LARGEST_FILE = '10mb';

export interface PageNeeds {
  readonly core: Core;
  readonly facts: Facts;
  readonly log: Log;
}

type Asking = NonNullable<Parameters<Ask>[1]>;

interface Known {
  readonly visitor: Visitor;
  readonly administrator: Administrator;
}

/** The page: each of its buttons carries out an operation of the API, as the administrator who is signed in. */
export function pageRoutes({ core, facts, log }: PageNeeds): Router {
  const routes = express.Router({ caseSensitive: true });
  let signingIn = 0;

  routes.use((request, response, next) => {
    response.set(SECURITY).set('Vary', 'HX-Request, Accept-Language');
    next(
      request.method !== 'GET' && request.method !== 'HEAD' && !isOurs(request)
        ? new SelfprovError('unauthorized', 'this form is not ours', { reason: 'forbidden' })
        : undefined,
    );
  });
  routes.use('/assets', assets());
  routes.use(express.urlencoded({ extended: false, limit: '1mb', parameterLimit: 200 }));

  routes.get('/sign-in', (request, response) => {
    show(request, response, 'signIn', { title: said(request, 'signIn.title'), to: localPath(request.query['to']) });
  });
  routes.post('/sign-in', async (request, response) => {
    const { name, password, to } = fieldsOf(request);
    try {
      const signed = await one(() =>
        signIn(core, { name: name ?? '', password: new Secret(password ?? ''), address: addressOf(request) }),
      );
      begin(request, response, signed, localPath(to));
    } catch (error) {
      const { status, detail } = problemOf(error);
      if (status >= 500) throw error;
      const data = { title: said(request, 'signIn.title'), problem: detail, typed: name, to: localPath(to) };
      show(request, response.status(status), 'signIn', data);
    }
  });
  routes.post('/sign-out', async (request, response) => {
    const shown = cookieOf(request);
    if (shown !== undefined) await signOut(core, shown);
    response.clearCookie(COOKIE, { path: '/' }).redirect(303, '/sign-in');
  });
  routes.get('/welcome/:token', async (request, response) => {
    const invited = await invitedBy(core, new Secret(request.params.token));
    const problem = invited === undefined ? said(request, 'welcome.over') : null;
    show(request, response.status(invited === undefined ? 404 : 200), 'welcome', {
      ...{ title: said(request, 'welcome.title'), invited: invited?.name ?? null, problem },
    });
  });
  routes.post('/welcome/:token', async (request, response) => {
    const token = new Secret(request.params.token);
    const password = new Secret(fieldsOf(request)['password'] ?? '');
    try {
      begin(
        request,
        response,
        await one(() => choosePassword(core, { token, password, address: addressOf(request) })),
        '/',
      );
    } catch (error) {
      const { status, detail } = problemOf(error);
      if (status >= 500) throw error;
      const invited = (await invitedBy(core, token))?.name ?? null;
      show(request, response.status(status), 'welcome', {
        title: said(request, 'welcome.title'),
        invited,
        problem: detail,
      });
    }
  });

  routes.use(async (request, response, next) => {
    const shown = cookieOf(request);
    const known = shown === undefined ? undefined : await visitorIn(core, shown);
    response.locals['known'] = known;
    // For the header, which a part has not.
    const isAbove = known?.visitor.tenantId === null && !isPart(request);
    response.locals['tenants'] = isAbove ? await core.store.tenants() : [];
    if (known !== undefined) return next();
    const to = request.method === 'GET' && !isPart(request) ? request.originalUrl : '/';
    const where = `/sign-in${to === '/' ? '' : `?${new URLSearchParams({ to }).toString()}`}`;
    // htmx would put what a redirect leads to where the answer was to stand.
    if (isPart(request)) response.status(401).set('HX-Redirect', where).end();
    else response.redirect(303, where);
  });
  routes.get('/', (_request, response) => {
    const { visitor } = knownIn(response);
    response.redirect(303, `/t/${visitor.tenantId ?? DEFAULT_TENANT}`);
  });
  for (const page of PAGES) {
    routes.get(page.path, async (request, response) => {
      const { visitor } = knownIn(response);
      const { params, query } = request as Request<Record<string, string>>;
      const ask = askAs(visitor);
      const data = await page.load({
        ...{ ask, visitor, language: languageIn(request), here: request.originalUrl, openUrl: facts.openUrl() },
        ...{ at: params, query: textsOf(query), tenant: params['tenant'] ?? DEFAULT_TENANT },
      });
      show(request, response, page.view, data);
    });
  }
  routes.get('/get/:operation', async (request, response) => {
    const { visitor } = knownIn(response);
    const operation = operationNamed(request.params.operation);
    if (operation?.type === undefined) throw new SelfprovError('not_found', 'there is no such file');
    const { tenant, ...query } = notEmpty(textsOf(request.query));
    const { body, type } = await carryOut({ core, facts, visitor }, operation, { at: { tenant }, query, body: {} });
    // Spreadsheets take a file for UTF-8 when it begins so.
    const mark = type === 'text/csv' ? '\uFEFF' : '';
    response
      .attachment(`${tenant}-${operation.path.split('/').at(-1)}`)
      .type(type)
      .send(`${mark}${body}`);
  });
  routes.post('/do/:operation', express.raw({ type: 'multipart/form-data', limit: LARGEST_FILE }), withFields);
  routes.post('/do/:operation', async (request, response) => {
    const form = fieldsOf(request);
    const operation = toDo(request.params.operation, false);
    await carry(request, response, operation, {
      ...{ at: fieldsBelow('at.', form), query: notEmpty(fieldsBelow('query.', form)) },
      body: formBody(operation.body, form),
    });
  });
  // A file, as it comes.
  routes.put('/do/:operation', async (request, response) => {
    const operation = toDo(request.params.operation, true);
    await carry(request, response, operation, {
      ...{ at: fieldsBelow('at.', textsOf(request.query)), query: {} },
      body: request,
    });
  });
  routes.use((request) => {
    throw new SelfprovError('not_found', `there is no page ${request.path}`);
  });

  const refuse: ErrorRequestHandler = (error: unknown, request, response, next) => {
    if (response.headersSent) return next(error);
    const problem = problemOf(error);
    if (problem.status >= 500) log.error({ err: error }, 'a page could not be shown');
    const data = { ...problem, isSeveral: (problem.mistakes?.length ?? 0) > 1, back: localPath(backOf(request)) };
    response.status(problem.status);
    if (isPart(request)) response.type('html').send(render('refused', languageIn(request), { ...data, back: null }));
    else show(request, response, 'refused', { ...data, title: said(request, 'refused.title') });
  };
  routes.use(refuse);
  return routes;

  async function carry(
    request: Request,
    response: Response,
    operation: Operation,
    asked: { readonly at: object; readonly query: object; readonly body: unknown },
  ): Promise<void> {
    const { visitor } = knownIn(response);
    const needs = { core, facts, visitor, of: shownAt(operation.path) };
    const { body } = await carryOut(needs, operation, asked);
    after(request, response, operation, body === '' ? {} : (JSON.parse(body) as Readonly<Record<string, unknown>>));
  }

  function askAs(visitor: Visitor): Ask {
    return async <Id extends OperationId>(id: Id, { at = {}, query = {}, body }: Asking = {}) => {
      const operation = operationNamed(id);
      if (operation === undefined) throw new Error(`there is no operation ${id}`);
      const answer = await carryOut({ core, facts, visitor }, operation, { at, query, body });
      return JSON.parse(answer.body) as AnswerOf<Id>;
    };
  }

  /** Refuses beyond so many at one time. */
  async function one<T>(work: () => Promise<T>): Promise<T> {
    if (signingIn >= MOST_SIGNING_IN)
      throw new SelfprovError('unavailable', 'many sign in at this moment: try again', { reason: 'too_many' });
    signingIn += 1;
    try {
      return await work();
    } finally {
      signingIn -= 1;
    }
  }
}

/** What says whose it is. */
const WHOSE: Readonly<Record<string, string>> = { mac: 'devices.mac', extension: 'users.extension', name: 'name' };

/** What was made and is shown this once, or the page that was looked at, with a word about what was done. */
function after(
  request: Request,
  response: Response,
  operation: Operation,
  answer: Readonly<Record<string, unknown>>,
): void {
  const language = languageIn(request);
  const back = localPath(backOf(request));
  const { id, once = [] } = operation;
  const { letter, contentType } = answer;
  if (typeof letter === 'string') return sendLetter(response, letter, String(contentType));
  const result = resultOf(id, { answer, form: fieldsOf(request), language, back });
  if (result !== undefined) {
    if (isPart(request)) response.type('html').send(render(result.part ?? result.view, language, result));
    else show(request, response, result.view, result);
    return;
  }
  if (once.length === 0) {
    const to = new URL(back, 'http://here');
    // Of a tenant: Asterisk knows of it when its files are written again.
    to.searchParams.set('done', answer['filesToWrite'] === true ? `${id}Files` : id);
    goTo(request, response, `${to.pathname}${to.search}`);
    return;
  }
  const whose = Object.entries(WHOSE).map(([name, label]) => ({ name: word(language, label), value: answer[name] }));
  const made = once.map((name) => ({ name: word(language, `made.${name}`), value: answer[name] }));
  const facts = [...whose, ...made].filter(({ value }) => value !== undefined && value !== null);
  const data = {
    ...{ title: word(language, 'made.title'), facts, back, warning: answer['warning'] ?? null },
    ...madeMore({ answer, form: fieldsOf(request), language, back }),
  };
  if (isPart(request))
    response
      .set({ 'HX-Retarget': 'main', 'HX-Reswap': 'innerHTML' })
      .type('html')
      .send(render('made', language, { ...data, isPart: true }));
  else show(request, response, 'made', data);
}

/** A letter to look at and to print, in a page of its own: it has its own styles, and runs nothing. */
function sendLetter(response: Response, letter: string, contentType: string): void {
  // The reader of PDFs in a browser is a page with scripts of its own.
  if (contentType === 'application/pdf') response.removeHeader('Content-Security-Policy');
  else response.set('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
  const ending = contentType === 'application/pdf' ? 'pdf' : 'html';
  response
    .set('Content-Disposition', `inline; filename="letter.${ending}"`)
    .set('Content-Type', contentType)
    .send(Buffer.from(letter, 'base64'));
}

function goTo(request: Request, response: Response, where: string): void {
  if (isPart(request)) response.set('HX-Redirect', where).status(204).end();
  else response.redirect(303, where);
}

function show<Data extends { readonly title: string }>(
  request: Request,
  response: Response,
  view: string,
  data: Data,
): void {
  const language = languageIn(request);
  const known = response.locals['known'] as Known | undefined;
  const { done } = textsOf(request.query);
  const doneWord = done === undefined ? null : word(language, `done.${done}`);
  const frame = {
    ...{ signedIn: known !== undefined, name: known?.administrator.name, language },
    ...(known === undefined ? {} : { nav: navOf(known.visitor, request.path, language) }),
    lookedAt: tenantNamed(response, tenantIn(request.path)),
    // What is no word of ours is in nobody's address bar but who writes it there.
    done: doneWord === `done.${done}` ? null : doneWord,
  };
  const content = render(view, language, data);
  response.type('html').send(render('layout', language, { ...frame, title: data.title, content }));
}

/** The pages that somebody may see, of the tenant that is looked at. */
function navOf(visitor: Visitor, path: string, language: string) {
  const tenant = tenantIn(path) ?? visitor.tenantId ?? DEFAULT_TENANT;
  return navigable(PAGES, visitor).flatMap(({ path: where, word: name, isMore }) => {
    if (isMore) return [];
    const href = where.replace(':tenant', tenant);
    const isHere = where === OVERVIEW.path ? path === href : path.startsWith(href);
    return [{ href, label: word(language, `nav.${name}`), isHere }];
  });
}

/** Where there are several: the one that is looked at. */
function tenantNamed(response: Response, id: string | undefined): string | null {
  const tenants = (response.locals['tenants'] ?? []) as readonly Tenant[];
  return tenants.length < 2 ? null : (tenants.find((each) => each.id === id)?.name ?? null);
}

function tenantIn(path: string): string | undefined {
  return /^\/t\/([a-z0-9]+)/.exec(path)?.[1];
}

function begin(request: Request, response: Response, { session }: SignedIn, to: string): void {
  const path = { path: '/', httpOnly: true, sameSite: 'lax', secure: request.secure } as const;
  response.cookie(COOKIE, session.reveal(), path).redirect(303, to);
}

/**
 * Whether a form was sent from a page of ours. Browsers say so by `Sec-Fetch-Site` where the connection is trusted, and everywhere by
 * `Origin`; who says neither is none.
 */
function isOurs(request: Request): boolean {
  const site = request.get('sec-fetch-site');
  if (site !== undefined) return site === 'same-origin';
  const origin = request.get('origin');
  return origin !== undefined && origin === `${request.protocol}://${request.get('host') ?? ''}`;
}

function assets(): Router {
  const routes = express.Router();
  const forWhile = { maxAge: 3_600_000, cacheControl: true };
  const htmx = createRequire(import.meta.url).resolve('htmx.org/dist/htmx.min.js');
  routes.use((_request, response, next) => {
    response.set('Cache-Control', 'public, max-age=3600');
    next();
  });
  routes.get('/htmx.js', (_request, response) => {
    response.sendFile(htmx, { ...forWhile, dotfiles: 'allow' });
  });
  routes.use(express.static(ASSETS, { ...forWhile, index: false, dotfiles: 'ignore' }));
  return routes;
}

function knownIn(response: Response): Known {
  return response.locals['known'] as Known;
}

function cookieOf(request: Request): Secret | undefined {
  const found = (request.get('cookie') ?? '').split('; ').find((each) => each.startsWith(`${COOKIE}=`));
  return found === undefined ? undefined : new Secret(found.slice(COOKIE.length + 1));
}

/** A part of a page, asked for by htmx. */
function isPart(request: Request): boolean {
  return request.get('hx-request') === 'true';
}

function languageIn(request: Request): string {
  return languageOf(request.get('accept-language'));
}

function said(request: Request, path: string): string {
  return word(languageIn(request), path);
}

function addressOf(request: Request): string {
  return request.ip ?? '';
}

function fieldsOf(request: Request): Readonly<Record<string, string>> {
  return textsOf((request.body ?? {}) as Readonly<Record<string, unknown>>);
}

/** Replaces a form with files by its fields; a file is the text of a table. */
const withFields: RequestHandler = async (request, _response, next) => {
  const body: unknown = request.body;
  if (!Buffer.isBuffer(body)) return next();
  const type = request.get('content-type') ?? '';
  const form = await new globalThis.Response(new Uint8Array(body), { headers: { 'content-type': type } })
    .formData()
    .catch(() => {
      throw new SelfprovError('invalid', 'this form cannot be read');
    });
  const fields: Record<string, string> = {};
  for (const [name, value] of form)
    fields[name] = typeof value === 'string' ? value : tableText(new Uint8Array(await value.arrayBuffer()));
  request.body = fields;
  next();
};

/** Those whose names begin so, by the rest of their names. */
function fieldsBelow(prefix: string, form: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(form).flatMap(([name, value]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [],
    ),
  );
}

/** Of a name that is there twice, nothing. */
function textsOf(given: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  );
}

function backOf(request: Request): unknown {
  return fieldsOf(request)['back'] ?? (request.method === 'PUT' ? request.query['back'] : undefined);
}

/** Throws `not_found`. */
function toDo(id: string, withFile: boolean): Operation {
  const operation = operationNamed(id);
  if (operation === undefined || operation.method === 'get' || (operation.takesFile === true) !== withFile)
    throw new SelfprovError('not_found', 'there is no such thing to do');
  return operation;
}

/** Nowhere but here. */
function localPath(given: unknown): string {
  return typeof given === 'string' && /^\/(?![/\\])[^\s\\]*$/.test(given) ? given : '/';
}
