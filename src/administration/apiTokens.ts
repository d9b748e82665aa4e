import { may, rightsOf, SCOPES, type ApiToken, type Right, type Scope, type Visitor } from '../domain/access.ts';
import { SelfprovError } from '../domain/errors.ts';
import { orNotFound } from '../domain/orNotFound.ts';
import { Secret } from '../domain/secret.ts';
import { didYouMean } from '../domain/similar.ts';
import { DEFAULT_TENANT } from '../domain/tenant.ts';
import type { Instant } from '../domain/time.ts';
import type { Core } from './core.ts';
import { knownTenant } from './tenants.ts';

/** A token as an administrator sees one; the token itself is not kept. */
export type ApiTokenShown = Omit<ApiToken, 'hash'>;

const DAY_MS = 24 * 60 * 60_000;
const LONGEST_MS = 3660 * DAY_MS;
/** What is written down of its use: more would be a write for each request. */
const USED_AGAIN_MS = 60_000;
const NAME = /^[\w.-]{1,40}$/;
/** So that a scanner of files finds one that has got into a repository. */
const PREFIX = 'selfprov_';

export interface NewApiToken {
  readonly name: string;
  readonly scopes: readonly string[];
  /** The only tenant that it is for. */
  readonly tenantId: string | null;
  /** Milliseconds; `null`: until it is removed. */
  readonly lasts: number | null;
}

/**
 * A token with which a program may do what the scopes say: the only time that it can be seen. Rejects with `invalid`,
 * `not_found` for a tenant that there is not, and `conflict` for a name that is taken.
 */
export async function addApiToken(
  { store, secrets, now, actor }: Core,
  { name, scopes: named, tenantId, lasts }: NewApiToken,
): Promise<ApiTokenShown & { readonly token: Secret }> {
  if (!NAME.test(name))
    throw new SelfprovError('invalid', 'the name of a token is a word of up to 40 letters, digits, and . _ -');
  const scopes = scopesNamed(named);
  if (lasts !== null && !(lasts >= DAY_MS && lasts <= LONGEST_MS))
    throw new SelfprovError('invalid', 'a token lasts from 1 day (1d) to ten years (3660d), or for ever');
  if (tenantId !== null) await knownTenant(store, tenantId);
  const token = new Secret(`${PREFIX}${secrets.token().reveal()}`);
  return store.transaction(async (inside) => {
    if ((await inside.apiTokens()).some((other) => other.name === name))
      throw new SelfprovError('conflict', `there is a token ${name} already`);
    const at = now();
    const added = await inside.addApiToken({
      ...{ name, hash: secrets.hashCode(token), scopes, tenantId, createdAt: at },
      ...{ expiresAt: lasts === null ? null : at + lasts, usedAt: null },
    });
    const detail = { what: 'token', name, scopes: scopes.join(', '), tenant: tenantId ?? 'all' };
    await inside.addEvent({ step: 'created', tenantId: tenantId ?? DEFAULT_TENANT, actor, detail });
    return { ...withoutHash(added), token };
  });
}

/** By name; of one tenant, or all. */
export async function listApiTokens(
  { store }: Pick<Core, 'store'>,
  tenantId: string | null,
): Promise<readonly ApiTokenShown[]> {
  const all = await store.apiTokens();
  return all.filter((each) => tenantId === null || each.tenantId === tenantId).map(withoutHash);
}

/** Nobody gets in with it any more. Rejects with `not_found`; a token of another tenant than this one is none. */
export async function removeApiToken({ store, actor }: Core, tenantId: string | null, name: string): Promise<void> {
  await store.transaction(async (inside) => {
    const found = (await listApiTokens({ store: inside }, tenantId)).find((each) => each.name === name);
    const { id, tenantId: of } = orNotFound(found, `token ${name}`);
    await inside.removeApiToken(id);
    await inside.addEvent({
      ...{ step: 'deleted', tenantId: of ?? DEFAULT_TENANT, actor },
      detail: { what: 'token', name },
    });
  });
}

/** Who shows this token; `undefined` when it is none, or none any more. */
export async function visitorWith(
  { store, secrets, now }: Core,
  { token, address }: { readonly token: Secret; readonly address: string },
): Promise<Visitor | undefined> {
  const found = token.reveal().startsWith(PREFIX) ? await store.apiTokenByHash(secrets.hashCode(token)) : undefined;
  const at = now();
  if (found === undefined || isOver(found, at)) return undefined;
  if (at - (found.usedAt ?? 0) > USED_AGAIN_MS) await store.useApiToken(found.id, at);
  return { address, actor: `api:${found.name}`, rights: rightsOf(found.scopes), tenantId: found.tenantId };
}

/** Rejects with `unauthorized` unless this visitor may do what needs this right in this tenant; `null`: above all of them. */
export function checkMay(visitor: Visitor, right: Right, of: string | null): void {
  if (may(visitor, right, of)) return;
  const where = of === null ? 'what is above tenants' : `tenant ${of}`;
  throw new SelfprovError('unauthorized', `this needs the right "${right}" for ${where}`, { reason: 'forbidden' });
}

function withoutHash({ hash, ...shown }: ApiToken): ApiTokenShown {
  void hash;
  return shown;
}

function isOver({ expiresAt }: ApiToken, now: Instant): boolean {
  return expiresAt !== null && now >= expiresAt;
}

function scopesNamed(names: readonly string[]): readonly Scope[] {
  const known = Object.keys(SCOPES) as Scope[];
  const scopes = names.map((name) => {
    const found = known.find((each) => each === name.trim().toLowerCase());
    if (found !== undefined) return found;
    throw new SelfprovError('invalid', `there is no scope ${name}: ${known.join(', ')}${didYouMean(name, known)}`);
  });
  if (scopes.length === 0) throw new SelfprovError('invalid', `a token needs a scope: ${known.join(', ')}`);
  return known.filter((each) => scopes.includes(each));
}
