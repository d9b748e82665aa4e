import { X509Certificate } from 'node:crypto';
import type { Mac } from '../../domain/mac.ts';
import type { ServerFacts } from '../../phones/view/facts.ts';
import { AUTHORITY_FILES } from '../../phones/view/settings.ts';
import { findStatic, type StaticFound } from './findStatic.ts';
import { REDIRECT_PATH, redirectRequest } from './redirectRequest.ts';
import { serveFile, type FileRequest, type NotServed, type Served, type ServeNeeds } from './serveFile.ts';

/** What a request gets: a file made for it, one that lies there, where else to ask, or the word that what it brought was taken. */
export type Answer =
  | ({ readonly kind: 'rendered' } & Served)
  | ({ readonly kind: 'static' } & StaticFound)
  | { readonly kind: 'accepted'; readonly mac: Mac | null; readonly family: string | null }
  | { readonly kind: 'redirect'; readonly mac: Mac | null; readonly family: string; readonly url: string };

export type AnswerNeeds = ServeNeeds & {
  /** The administrator's files; `undefined` when there are none. */
  readonly files: string | undefined;
};

/**
 * Answers a phone, whatever it asks by. A file that is made takes the place of one that lies there under the same name.
 * `undefined` for everything else: the caller says the same to all.
 */
export async function answerRequest(needs: AnswerNeeds, request: FileRequest): Promise<Answer | undefined> {
  let why: NotServed = 'no_such_file';
  const answer = await answerTo({ ...needs, notServed: (said) => (why = said) }, request);
  if (answer === undefined) needs.notServed?.(why);
  return answer;
}

async function answerTo(needs: AnswerNeeds, request: FileRequest): Promise<Answer | undefined> {
  if (request.path.startsWith(REDIRECT_PATH)) return elsewhere(needs, request);
  const served = authorityAsked(needs.server, request) ?? (await serveFile(needs, request));
  const writes = request.method === 'PUT' || request.method === 'POST';
  if (served && writes) return { kind: 'accepted', mac: served.mac, family: served.family };
  if (served) return { kind: 'rendered', ...served };
  if (needs.files === undefined) return undefined;
  const found = await findStatic({ families: needs.families, directory: needs.files }, request);
  return found && { kind: 'static', ...found };
}

/** Nothing in it is secret: anybody may trust whom phones trust. */
function authorityAsked({ authority }: ServerFacts, { method, path }: FileRequest): Served | undefined {
  const name = AUTHORITY_FILES.find((file) => path === `/${file}`);
  if (authority === null || name === undefined || !['GET', 'HEAD'].includes(method)) return undefined;
  const body = name === 'ca.der' ? new X509Certificate(authority).raw : Buffer.from(authority);
  return { mac: null, family: null, contentType: 'application/x-x509-ca-cert', body, private: false };
}

async function elsewhere(needs: AnswerNeeds, request: FileRequest): Promise<Answer | undefined> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return undefined;
  const sent = await redirectRequest(needs, request);
  return sent?.kind === 'file' ? { ...sent, kind: 'rendered', private: false } : sent;
}
