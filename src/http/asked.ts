import type { Request } from 'express';
import { Secret } from '../domain/secret.ts';
import { languageOf, word } from '../page/render.ts';

/** What is read of a request for a page. */

export function cookieOf(request: Request, name: string): Secret | undefined {
  const found = (request.get('cookie') ?? '').split('; ').find((each) => each.startsWith(`${name}=`));
  return found === undefined ? undefined : new Secret(found.slice(name.length + 1));
}

/** A part of a page, asked for by htmx. */
export function isPart(request: Request): boolean {
  return request.get('hx-request') === 'true';
}

export function languageIn(request: Request): string {
  return languageOf(request.get('accept-language'));
}

export function said(request: Request, path: string): string {
  return word(languageIn(request), path);
}

export function addressOf(request: Request): string {
  return request.ip ?? '';
}

export function fieldsOf(request: Request): Readonly<Record<string, string>> {
  return textsOf((request.body ?? {}) as Readonly<Record<string, unknown>>);
}

/** Of a name that is there twice, nothing. */
export function textsOf(given: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  );
}

/** Nowhere but here. */
export function localPath(given: unknown): string {
  return typeof given === 'string' && /^\/(?![/\\])[^\s\\]*$/.test(given) ? given : '/';
}
