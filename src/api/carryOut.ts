import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { Core } from '../administration/core.ts';
import { checkMay } from '../administration/apiTokens.ts';
import { from } from '../administration/from.ts';
import { checkReach } from '../administration/reach.ts';
import type { Texts } from '../administration/settings.ts';
import { knownTenant } from '../administration/tenants.ts';
import type { Visitor } from '../domain/access.ts';
import { SelfprovError } from '../domain/errors.ts';
import { inJson } from '../domain/inJson.ts';
import { mistakeInWords } from '../domain/mistakeInWords.ts';
import { Secret } from '../domain/secret.ts';
import { takesKey, type Facts, type Operation } from './operation.ts';
import { WrongRequest } from './problem.ts';

/** A request for one operation, as it came. */
export interface Request {
  readonly at: unknown;
  readonly query: unknown;
  readonly body: unknown;
  /** `Idempotency-Key`: the same answer for the same request, however often it comes. */
  readonly key?: string | undefined;
  /** `If-Match`: the `etag` of what is to be changed. */
  readonly ifMatch?: string | undefined;
}

export interface Response {
  readonly status: number;
  /** Empty where there is nothing to say. */
  readonly body: string;
  /** Instead of it, what is too long to be held at once. */
  readonly parts?: AsyncIterable<string>;
  readonly type: string;
  readonly location?: string;
  /** Of what can be changed with `ifMatch`. */
  readonly etag?: string;
}

/** So long is an answer given again. */
const KEPT_MS = 24 * 60 * 60_000;
const LONGEST_KEY = 200;

/** `of` is the operation that shows what this one changes, at the same path. */
export interface Needs {
  readonly core: Core;
  readonly facts: Facts;
  readonly visitor: Visitor;
  readonly of?: Operation | undefined;
}

/**
 * Does what is asked, if this visitor may. Rejects with `unauthorized` and the reason `forbidden` when not; with `WrongRequest`;
 * with `conflict` and the reason `changed_meanwhile` when it is not any more what `ifMatch` says; and as the operation does.
 */
export async function carryOut(needs: Needs, operation: Operation, request: Request): Promise<Response> {
  const { visitor } = needs;
  const core = from(needs.core, visitor);
  const tenant = tenantIn(request.at);
  // First of all: whoever may not look does not hear what is there.
  const ofOne = operation.isAbove === true ? null : tenant;
  checkMay(visitor, operation.right, operation.isForAll === true ? visitor.tenantId : ofOne);
  const read = {
    at: parsed(operation.at, request.at, 'path'),
    query: parsed(operation.query, request.query, 'query'),
    body: operation.body === null ? null : parsed(operation.body, request.body, 'body'),
  };
  checkReach(visitor, settingsIn(read.body));
  if (tenant !== null) await knownTenant(core.store, tenant);
  const { ifMatch, key } = request;
  // Before `ask`, which puts a file.
  if (ifMatch !== undefined && needs.of === undefined) throw new SelfprovError('invalid', 'If-Match says nothing here');
  if (ifMatch !== undefined && key !== undefined)
    throw new SelfprovError(
      'invalid',
      'If-Match and Idempotency-Key say different things of what is done twice: send one',
    );
  const told = await operation.ask?.({ ...needs, core, ...read } as never);
  const work = (within: Core): Promise<Response> => answered(operation, { ...needs, core: within }, { ...read, told });
  if (ifMatch !== undefined) {
    return core.store.transaction(async (store) => {
      const within = { ...core, store };
      await checkUnchanged({ ...needs, core: within }, read, ifMatch);
      return work(within);
    });
  }
  return key === undefined || !takesKey(operation) ? work(core) : once(core, key, { operation, ...read }, work);
}

/** A request whose parts are what their schemas say. */
interface Read {
  readonly at: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly told?: unknown;
}

async function answered(operation: Operation, { core, facts, visitor }: Needs, read: Read): Promise<Response> {
  const said = await operation.work({ core, facts, visitor, ...read } as never);
  const { status, location, type } = operation;
  if (isParted(said)) return { status, body: '', parts: said, type: type ?? 'application/json' };
  const text = type === undefined ? inJson(said) : String(said);
  const body = operation.answer === null ? '' : text;
  return {
    ...{ status, body, type: type ?? 'application/json' },
    ...(location === undefined ? {} : { location: location(said as never, read.at as never) }),
    ...(operation.method === 'get' ? { etag: etagOf(body) } : {}),
  };
}

async function checkUnchanged(needs: Needs, { at }: Read, ifMatch: string): Promise<void> {
  const { of } = needs;
  if (of === undefined) return;
  const query = of.query.parse({});
  const { etag } = await answered(of, needs, { at, query, body: null });
  const wanted = ifMatch.split(',').map((each) => each.trim());
  if (wanted.includes('*') || (etag !== undefined && wanted.includes(etag))) return;
  throw new SelfprovError('conflict', 'it is not as you have seen it: get it again, and decide again', {
    reason: 'changed_meanwhile',
  });
}

function isParted(said: unknown): said is AsyncIterable<string> {
  return typeof said === 'object' && said !== null && Symbol.asyncIterator in said;
}

/** Strong: the same for the same bytes. */
function etagOf(body: string): string {
  return `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`;
}

/** What was answered to this key already, when it was the same request; refusals are not kept. */
async function once(
  { store: outside, actor, now, ...core }: Core,
  key: string,
  asked: Read & { readonly operation: Operation },
  work: (core: Core) => Promise<Response>,
): Promise<Response> {
  if (key === '' || key.length > LONGEST_KEY)
    throw new SelfprovError('invalid', `an Idempotency-Key has 1 to ${LONGEST_KEY} characters`);
  const { operation, at, query, body } = asked;
  const text = JSON.stringify([operation.id, at, query, body]);
  const request = createHash('sha256').update(text).digest('base64url');
  return outside.transaction(async (store) => {
    await store.removeKeptAnswers(now() - KEPT_MS);
    const kept = await store.keptAnswer(actor, key);
    if (kept !== undefined && kept.request !== request)
      throw new SelfprovError('conflict', 'this Idempotency-Key was used for another request', { reason: 'key_used' });
    if (kept !== undefined) return JSON.parse(kept.answer.reveal()) as Response;
    const response = await work({ ...core, store, actor, now });
    const answer = new Secret(JSON.stringify(response));
    await store.addKeptAnswer({ actor, key, request, status: response.status, answer, at: now() });
    return response;
  });
}

/** What a request says of settings. */
function settingsIn(body: unknown): Texts {
  const settings = typeof body === 'object' && body !== null && 'settings' in body ? body.settings : undefined;
  return typeof settings === 'object' && settings !== null ? (settings as Texts) : {};
}

function tenantIn(at: unknown): string | null {
  const tenant = typeof at === 'object' && at !== null && 'tenant' in at ? at.tenant : null;
  return typeof tenant === 'string' ? tenant : null;
}

function parsed(schema: z.ZodType, value: unknown, where: string): unknown {
  const read = schema.safeParse(value, { error: mistakeInWords });
  if (read.success) return read.data;
  throw new WrongRequest(
    read.error.issues.flatMap((issue) => {
      const at = [where, ...issue.path.map(String)].join('.');
      if (issue.code !== 'unrecognized_keys') return [{ at, detail: issue.message }];
      return issue.keys.map((name) => ({ at: `${at}.${name}`, detail: 'there is no such thing here' }));
    }),
  );
}
