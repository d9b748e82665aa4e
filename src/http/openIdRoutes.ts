import express, { type Request, type Response, type Router } from 'express';
import { z } from 'zod';
import type { Core } from '../administration/core.ts';
import type { SignedIn } from '../administration/signIn.ts';
import { signInAs } from '../administration/signInElsewhere.ts';
import { SelfprovError } from '../domain/errors.ts';
import type { OpenId } from '../openId/openId.ts';
import { addressOf, cookieOf, localPath } from './asked.ts';

const PATH = '/sign-in/openid';
/** What the browser keeps meanwhile: nobody can have it finish what somebody else has begun. */
const COOKIE = 'selfprov_sign_in';
const KEPT_MS = 10 * 60_000;
const KEPT = z.object({ state: z.string(), nonce: z.string(), verifier: z.string(), to: z.string() });

interface OpenIdNeeds<Frame> {
  readonly core: Core;
  readonly openId: OpenId;
  begin(request: Request, response: Response, signedIn: SignedIn, to: string): void;
  refuse(request: Request, response: Response, error: unknown, frame: Frame): void;
  frame(request: Request, to: string): Frame;
}

/** Signing in at a provider: by a link, because a form of ours may lead nowhere else, and back by another one. */
export function openIdRoutes<Frame>({ core, openId, begin, refuse, frame }: OpenIdNeeds<Frame>): Router {
  const routes = express.Router({ caseSensitive: true });
  const cookie = (request: Request) =>
    // Strict would keep it here when the provider sends the browser back.
    ({ path: PATH, httpOnly: true, sameSite: 'lax', secure: request.secure }) as const;

  routes.get(PATH, async (request, response) => {
    const to = localPath(request.query['to']);
    try {
      const { url, begun } = await openId.begin();
      const kept = Buffer.from(JSON.stringify({ ...begun, to })).toString('base64url');
      response.cookie(COOKIE, kept, { ...cookie(request), maxAge: KEPT_MS }).redirect(303, url);
    } catch (error) {
      refuse(request, response, error, frame(request, to));
    }
  });
  routes.get(`${PATH}/back`, async (request, response) => {
    const kept = keptIn(request);
    response.clearCookie(COOKIE, cookie(request));
    const to = localPath(kept?.to);
    try {
      if (kept === undefined)
        throw new SelfprovError('unauthorized', 'this browser has not begun to sign in, or too long ago: begin here');
      const vouched = await openId.finish(new URL(request.originalUrl, 'http://here').search, kept);
      const from = { address: addressOf(request), by: openId.provider };
      begin(request, response, await signInAs(core, vouched, from), to);
    } catch (error) {
      refuse(request, response, error, frame(request, to));
    }
  });
  routes.get('/sign-out/openid', async (request, response) => {
    try {
      response.redirect(303, (await openId.endUrl()) ?? '/sign-in');
    } catch (error) {
      refuse(request, response, error, frame(request, '/'));
    }
  });
  return routes;
}

function keptIn(request: Request): z.output<typeof KEPT> | undefined {
  try {
    const text = cookieOf(request, COOKIE)?.reveal() ?? '';
    return KEPT.parse(JSON.parse(Buffer.from(text, 'base64url').toString()));
  } catch {
    return undefined;
  }
}
