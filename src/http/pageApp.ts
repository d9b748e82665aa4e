import express, { type ErrorRequestHandler, type Request, type Response, type Router } from 'express';
import type { Core } from '../administration/core.ts';
import { carryOut } from '../api/carryOut.ts';
import type { Facts, Operation } from '../api/operation.ts';
import { operationNamed, shownAt, type AnswerOf, type OperationId } from '../api/operations.ts';
import { problemOf } from '../api/problem.ts';
import type { Visitor } from '../domain/access.ts';
import { SelfprovError } from '../domain/errors.ts';
import { isNowhere } from '../domain/handOver.ts';
import { DEFAULT_TENANT, type Tenant } from '../domain/tenant.ts';
import type { Log } from '../log.ts';
import { ASSETS } from '../page/assets.ts';
import { formBody } from '../page/formBody.ts';
import { changedFields, navigable, notEmpty, type Ask, type Page, type Refusal, type Texts } from '../page/page.ts';
import { PAGES } from '../page/pages.ts';
import { madeMore, resultOf, startedAt } from '../page/results.ts';
import { OVERVIEW } from '../page/pages/overview.ts';
import { render, word } from '../page/render.ts';
import { fieldsBelow, fieldsOf, isPart, languageIn, localPath, said, textsOf, withFields } from './asked.ts';
import { SECURITY } from './security.ts';
import { sendParts } from './sendParts.ts';
import { signInRoutes, type Known, type SignInWays } from './signInRoutes.ts';

/** A table of 50,000 users is smaller. */
const LARGEST_FILE = '10mb';

export interface PageNeeds {
  readonly core: Core;
  readonly facts: Facts;
  readonly log: Log;
  readonly signInWays?: SignInWays;
}

type Asking = NonNullable<Parameters<Ask>[1]>;

/** What was sent to a page, and what became of it. */
interface Sent {
  readonly form: Texts;
  readonly said: Texts;
  readonly refused: Refusal | null;
}

/** The page: each of its buttons carries out an operation of the API, as the administrator who is signed in. */
export function pageRoutes({ core, facts, log, signInWays = {} }: PageNeeds): Router {
  const routes = express.Router({ caseSensitive: true });

  routes.use((request, response, next) => {
    response.set(SECURITY).set('Vary', 'HX-Request, Accept-Language');
    next(
      request.method !== 'GET' && request.method !== 'HEAD' && !isOurs(request)
        ? new SelfprovError('unauthorized', said(request, 'refused.notOurs'), { reason: 'forbidden' })
        : undefined,
    );
  });
  routes.use('/assets', assets());
  routes.use(express.urlencoded({ extended: false, limit: '1mb', parameterLimit: 2000 }));

  const { visit, signInRouter } = signInRoutes({ core, ways: signInWays, show });
  routes.use(signInRouter);

  routes.use(async (request, response, next) => {
    const known = await visit(request);
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
    routes.get(page.path, (request, response) => showPage(page, request, response, null));
    const { fields } = page;
    if (fields === undefined) continue;
    routes.post(page.path, async (request, response) => {
      const form = fieldsOf(request);
      const said = fields(form, (request as Request<Record<string, string>>).params);
      try {
        if (form['do'] !== undefined) return await carryOutForm(request, response, form['do'], said);
      } catch (error) {
        const problem = problemOf(error);
        if (problem.status >= 500) throw error;
        response.status(problem.status);
        return showPage(page, request, response, { form, said, refused: refusalOf(error) });
      }
      return showPage(page, request, response, { form, said, refused: null });
    });
  }
  routes.get('/get/:operation', async (request, response) => {
    const { visitor } = knownIn(response);
    const operation = operationNamed(request.params.operation);
    if (operation?.type === undefined) throw new SelfprovError('not_found', 'there is no such file');
    const { tenant, ...query } = notEmpty(textsOf(request.query));
    const said = await carryOut({ core, facts, visitor }, operation, { at: { tenant }, query, body: {} });
    const { body, type, parts } = said;
    // Spreadsheets take a file for UTF-8 when it begins so.
    const mark = type === 'text/csv' ? '\uFEFF' : '';
    response.attachment(`${tenant}-${operation.path.split('/').at(-1)}`).type(type);
    if (parts === undefined) response.send(`${mark}${body}`);
    else await sendParts(response, parts, mark);
  });
  routes.post('/do/:operation', express.raw({ type: 'multipart/form-data', limit: LARGEST_FILE }), withFields);
  routes.post('/do/:operation', (request, response) =>
    carryOutForm(request, response, request.params['operation'] ?? '', fieldsOf(request)),
  );
  // A file, as it comes.
  routes.put('/do/:operation', async (request, response) => {
    const fields = textsOf(request.query);
    const asked = { at: fieldsBelow('at.', fields), query: {}, body: request };
    await carry(request, response, toDo(request.params.operation, true), asked, localPath(fields['back']));
  });
  routes.use((request) => {
    throw new SelfprovError('not_found', `${said(request, 'refused.noPage')} ${request.path}`);
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

  async function showPage(page: Page, request: Request, response: Response, sent: Sent | null): Promise<void> {
    const { visitor } = knownIn(response);
    const { params, query } = request as Request<Record<string, string>>;
    const data = await page.load({
      ...{ ask: askAs(visitor), visitor, language: languageIn(request), openUrl: facts.openUrl() },
      here: request.originalUrl,
      ...{ at: params, query: textsOf(query), tenant: params['tenant'] ?? DEFAULT_TENANT },
      ...{ form: sent?.form ?? null, refused: sent?.refused ?? null, refusalOf },
      bodyFor: (id) => formBody(operationNamed(id)?.body ?? null, sent?.said ?? {}) as object,
    });
    show(request, response, page.view, data);
  }

  /** Carries out what a form asks for, and goes where one is then. */
  async function carryOutForm(request: Request, response: Response, id: string, sent: Texts): Promise<void> {
    const form = changedFields(sent);
    const operation = toDo(id, false);
    const query = notEmpty(fieldsBelow('query.', form));
    const asked = { at: fieldsBelow('at.', form), query, body: formBody(operation.body, form) };
    await carry(request, response, operation, asked, localPath(form['back']));
  }

  async function carry(
    request: Request,
    response: Response,
    operation: Operation,
    asked: { readonly at: object; readonly query: object; readonly body: unknown },
    back: string,
  ): Promise<void> {
    const { visitor } = knownIn(response);
    const needs = { core, facts, visitor, of: shownAt(operation.path) };
    const { body } = await carryOut(needs, operation, asked);
    const answer = body === '' ? {} : (JSON.parse(body) as Readonly<Record<string, unknown>>);
    after(request, response, operation, answer, back);
  }

  function askAs(visitor: Visitor): Ask {
    return async <Id extends OperationId>(id: Id, { at = {}, query = {}, body }: Asking = {}) => {
      const operation = operationNamed(id);
      if (operation === undefined) throw new Error(`there is no operation ${id}`);
      const answer = await carryOut({ core, facts, visitor }, operation, { at, query, body });
      return JSON.parse(answer.body) as AnswerOf<Id>;
    };
  }
}

function refusalOf(error: unknown): Refusal {
  const { status, detail, mistakes = [] } = problemOf(error);
  if (status >= 500) throw error;
  // Where it is, the field says.
  return { detail: mistakes.map((each) => each.detail).join('; ') || detail, mistakes };
}

/** What says whose it is. */
const WHOSE: Readonly<Record<string, string>> = { mac: 'devices.mac', extension: 'users.extension', name: 'name' };

/** What was made and is shown this once, or the page that was looked at, with a word about what was done. */
function after(
  request: Request,
  response: Response,
  operation: Operation,
  answer: Readonly<Record<string, unknown>>,
  back: string,
): void {
  const language = languageIn(request);
  const { id, once = [] } = operation;
  const { letter, contentType } = answer;
  if (typeof letter === 'string') return sendLetter(response, letter, String(contentType));
  const given = { answer, form: fieldsOf(request), language, back };
  const result = resultOf(id, given);
  if (result !== undefined) {
    if (isPart(request)) response.type('html').send(render(result.part ?? result.view, language, result));
    else show(request, response, result.view, result);
    return;
  }
  if (once.length === 0) {
    const to = new URL(startedAt(id, given) ?? back, 'http://here');
    to.searchParams.set('done', doneOf(id, answer));
    goTo(request, response, `${to.pathname}${to.search}`);
    return;
  }
  const whose = Object.entries(WHOSE).map(([name, label]) => ({ name: word(language, label), value: answer[name] }));
  const made = once.map((name) => ({ name: word(language, `made.${name}`), value: answer[name] }));
  const facts = [...whose, ...made].filter(({ value }) => value !== undefined && value !== null);
  const data = {
    ...{ title: word(language, 'made.title'), facts, back, warning: answer['warning'] ?? null },
    ...madeMore(given, once),
  };
  if (isPart(request))
    response
      .set({ 'HX-Retarget': 'main', 'HX-Reswap': 'innerHTML' })
      .type('html')
      .send(render('made', language, { ...data, isPart: true }));
  else show(request, response, 'made', data);
}

/** Which word says what was done. */
function doneOf(id: string, answer: Readonly<Record<string, unknown>>): string {
  // Of a tenant: Asterisk knows of it when its files are written again.
  if (answer['filesToWrite'] === true) return `${id}Files`;
  const isGiven = id === 'assignDevice' || id === 'releaseDevice';
  return isGiven && isNowhere((answer as AnswerOf<'assignDevice'>).handOver) ? `${id}Nowhere` : id;
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
    ...{ signedIn: known !== undefined, name: known?.administrator.name, isByProxy: known?.isByProxy, language },
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

/** For a year what is asked for as it is now; an older page may ask for what it was. */
function assets(): Router {
  const routes = express.Router();
  routes.get('/:name', (request, response) => {
    const asset = ASSETS.get(request.params.name);
    if (asset === undefined) throw new SelfprovError('not_found', 'there is no such file');
    const isThis = request.query['v'] === asset.version;
    response.set('Cache-Control', isThis ? 'public, max-age=31536000, immutable' : 'no-cache');
    response.sendFile(asset.file, { cacheControl: false, dotfiles: 'allow' });
  });
  return routes;
}

function knownIn(response: Response): Known {
  return response.locals['known'] as Known;
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
