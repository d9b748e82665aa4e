import type { Request, RequestHandler } from 'express';
import { plainAddress } from '../domain/addresses.ts';
import { tableText } from '../administration/tables/tableText.ts';
import { SelfprovError } from '../domain/errors.ts';
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

export function addressOf(request: Pick<Request, 'ip'>): string {
  return plainAddress(request.ip);
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

/** Those whose names begin so, by the rest of their names. */
export function fieldsBelow(prefix: string, form: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(form).flatMap(([name, value]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [],
    ),
  );
}

/** Replaces a form with files by its fields; a file is the text of a table. */
export const withFields: RequestHandler = async (request, _response, next) => {
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

/** Nowhere but here, also where dots in it are followed: `/.//evil.example` comes to `//evil.example`. */
export function localPath(given: unknown): string {
  if (typeof given !== 'string' || !/^\/(?![/\\])[^\s\\]*$/.test(given)) return '/';
  return new URL(given, 'http://here').pathname.startsWith('//') ? '/' : given;
}
