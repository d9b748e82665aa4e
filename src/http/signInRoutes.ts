import express, { type Request, type Response, type Router } from 'express';
import type { Core } from '../administration/core.ts';
import { choosePassword, invitedBy, signIn, signOut, visitorIn, type SignedIn } from '../administration/signIn.ts';
import { visitorBy } from '../administration/signInElsewhere.ts';
import { problemOf } from '../api/problem.ts';
import type { Administrator, Visitor } from '../domain/access.ts';
import { isRefusal, SelfprovError } from '../domain/errors.ts';
import { Secret } from '../domain/secret.ts';
import type { OpenId } from '../openId/openId.ts';
import { addressOf, cookieOf, fieldsOf, localPath, said } from './asked.ts';
import { openIdRoutes } from './openIdRoutes.ts';
import { namedBy, type UserHeader } from './userHeader.ts';

const COOKIE = 'selfprov_session';
/** Passwords that are looked at, at one time: each takes 32 MB and a good part of a second. */
const MOST_SIGNING_IN = 4;

/** Who is signed in. */
export interface Known {
  readonly visitor: Visitor;
  readonly administrator: Administrator;
  /** By the word of a proxy, which signs out too. */
  readonly isByProxy: boolean;
}

/** Who lets administrators in besides our own passwords. */
export interface SignInWays {
  readonly openId?: OpenId | undefined;
  readonly userHeader?: UserHeader | undefined;
}

export type Show = (request: Request, response: Response, view: string, data: Titled) => void;

type Titled = { readonly title: string } & Readonly<Record<string, unknown>>;

interface SignInNeeds {
  readonly core: Core;
  readonly ways: SignInWays;
  readonly show: Show;
}

/** How one comes in, and goes; `visit` says who asks. */
export function signInRoutes({ core, ways, show }: SignInNeeds): {
  readonly signInRouter: Router;
  /** Rejects with `unauthorized` where a proxy names nobody that there is. */
  visit(request: Request): Promise<Known | undefined>;
} {
  const routes = express.Router({ caseSensitive: true });
  const { openId, userHeader } = ways;
  const named = userHeader === undefined ? () => undefined : namedBy(userHeader);
  let signingIn = 0;

  async function visit(request: Request): Promise<Known | undefined> {
    const user = named(request);
    if (user !== undefined)
      return {
        ...(await visitorBy(core, user, { by: userHeader?.name ?? '', address: addressOf(request) })),
        isByProxy: true,
      };
    const shown = cookieOf(request, COOKIE);
    const known = shown === undefined ? undefined : await visitorIn(core, { shown, address: addressOf(request) });
    return known && { ...known, isByProxy: false };
  }

  routes.use((request, _response, next) => {
    // From nobody else, whatever is asked for.
    named(request);
    next();
  });
  routes.get('/sign-in', async (request, response) => {
    const to = localPath(request.query['to']);
    if (named(request) !== undefined) return response.redirect(303, to);
    show(request, response, 'signIn', { ...frame(request, to), isOut: request.query['out'] !== undefined });
  });
  routes.post('/sign-in', async (request, response) => {
    const { name, password, to } = fieldsOf(request);
    try {
      const signed = await one(() =>
        signIn(core, { name: name ?? '', password: new Secret(password ?? ''), address: addressOf(request) }),
      );
      begin(request, response, signed, localPath(to));
    } catch (error) {
      const isWrong = isRefusal(error, 'unauthorized') && error.reason === undefined;
      const shown = isWrong ? new SelfprovError('unauthorized', said(request, 'signIn.wrong')) : error;
      refuse(request, response, shown, frame(request, localPath(to), name));
    }
  });
  routes.post('/sign-out', async (request, response) => {
    const shown = cookieOf(request, COOKIE);
    if (shown !== undefined) await signOut(core, shown);
    response.clearCookie(COOKIE, { path: '/' }).redirect(303, openId === undefined ? '/sign-in' : '/sign-in?out=1');
  });
  routes.get('/welcome/:token', async (request, response) => {
    const invited = await invitedBy(core, new Secret(request.params.token));
    const problem = invited === undefined ? said(request, 'welcome.over') : null;
    const title = said(request, 'welcome.title');
    response.status(invited === undefined ? 404 : 200);
    show(request, response, 'welcome', { title, invited: invited?.name ?? null, problem });
  });
  routes.post('/welcome/:token', async (request, response) => {
    const token = new Secret(request.params.token);
    const password = new Secret(fieldsOf(request)['password'] ?? '');
    try {
      const address = addressOf(request);
      begin(request, response, await one(() => choosePassword(core, { token, password, address })), '/');
    } catch (error) {
      const { status, detail } = problemOf(error);
      if (status >= 500) throw error;
      const invited = (await invitedBy(core, token))?.name ?? null;
      const title = said(request, 'welcome.title');
      show(request, response.status(status), 'welcome', { title, invited, problem: detail });
    }
  });
  if (openId !== undefined) routes.use(openIdRoutes({ core, openId, begin, refuse, frame }));
  return { visit, signInRouter: routes };

  /** What the form for signing in is shown with. */
  function frame(request: Request, to: string, typed = '') {
    const provider = openId?.provider ?? null;
    return { title: said(request, 'signIn.title'), to, toInUrl: encodeURIComponent(to), typed, provider };
  }

  /** Shows the form again with what was wrong. Rejects with what is our own fault. */
  function refuse(request: Request, response: Response, error: unknown, data: ReturnType<typeof frame>): void {
    const { status, detail } = problemOf(error);
    if (status === 500) throw error;
    show(request, response.status(status), 'signIn', { ...data, problem: detail });
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

function begin(request: Request, response: Response, { session }: SignedIn, to: string): void {
  const path = { path: '/', httpOnly: true, sameSite: 'lax', secure: request.secure } as const;
  response.cookie(COOKIE, session.reveal(), path).redirect(303, to);
}
