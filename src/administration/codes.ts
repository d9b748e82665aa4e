import { SelfprovError } from '../domain/errors.ts';
import type { Mac } from '../domain/mac.ts';
import { orNotFound } from '../domain/orNotFound.ts';
import type { Secret } from '../domain/secret.ts';
import type { Instant } from '../domain/time.ts';
import type { Core } from './core.ts';
import { letterFor, noteLetter, printed, type Keep, type LetterForm } from './letters.ts';
import { beginningWith, checkFamily } from './names.ts';
import { userByExtension } from './users.ts';

/** A one-time code as an administrator sees one; the code itself is not kept. */
export interface CodeShown {
  readonly id: string;
  readonly extension: string;
  readonly family: string | null;
  readonly mac: Mac | null;
  readonly createdAt: Instant;
  readonly expiresAt: Instant;
  readonly usedAt: Instant | null;
}

const MINUTE_MS = 60_000;
const LONGEST_MS = 90 * 24 * 60 * MINUTE_MS;

export interface NewCode {
  readonly tenantId: string;
  readonly extension: string;
  /** Milliseconds. */
  readonly lasts: number;
  readonly family?: string;
  readonly mac?: Mac;
}

/**
 * A code that a user keys once instead of extension and PIN: the only time that it can be seen. `family` and `mac` bind it to
 * a kind of phone, or to one. Rejects with `not_found`, and with `invalid` for a time of less than a minute or more than 90
 * days.
 */
export async function addCode(
  core: Core,
  families: readonly string[],
  input: NewCode,
  code: Secret = core.secrets.code(),
): Promise<CodeShown & { readonly code: Secret }> {
  const { tenantId, extension, lasts, family = null, mac = null } = input;
  if (!(lasts >= MINUTE_MS && lasts <= LONGEST_MS))
    throw new SelfprovError('invalid', 'a code lasts from 1 minute (1m) to 90 days (90d)');
  checkFamily(families, family);
  const { store, secrets, now, actor } = core;
  const user = await userByExtension(core, tenantId, extension);
  return store.transaction(async (inside) => {
    orNotFound(await inside.user(user.id), `user with extension ${extension}`);
    await inside.removeCodes(now() - LONGEST_MS);
    const { id, createdAt, expiresAt } = await inside.addCode({
      ...{ tenantId, userId: user.id, hash: secrets.hashCode(code), family, mac },
      ...{ createdAt: now(), expiresAt: now() + lasts, usedAt: null },
    });
    const detail = { what: 'code', name: id, extension, family, mac, expiresAt };
    await inside.addEvent({ step: 'created', tenantId, userId: user.id, actor, detail });
    return { id, extension, family, mac, createdAt, expiresAt, usedAt: null, code };
  });
}

/** Those that can still be used, and those that have been, oldest first. */
export async function listCodes({ store }: Core, tenantId: string): Promise<readonly CodeShown[]> {
  return Promise.all(
    (await store.codes(tenantId)).map(async ({ id, userId, family, mac, createdAt, expiresAt, usedAt }) => {
      const { extension } = orNotFound(await store.user(userId), 'user');
      return { id, extension, family, mac, createdAt, expiresAt, usedAt };
    }),
  );
}

/** `id` may be its beginning. Rejects with `not_found`. */
export async function codeOf(core: Core, tenantId: string, id: string): Promise<CodeShown> {
  return beginningWith(await listCodes(core, tenantId), id, `code ${id}: see "selfprov code list"`);
}

/** Nobody can use it any more. `id` may be its beginning. Rejects with `not_found`. */
export async function removeCode({ store: outside, actor }: Core, tenantId: string, id: string): Promise<void> {
  await outside.transaction(async (store) => {
    const code = beginningWith(await store.codes(tenantId), id, `code ${id}: see "selfprov code list"`);
    await store.removeCode(code.id);
    const detail = { what: 'code', name: code.id };
    await store.addEvent({ step: 'deleted', tenantId, userId: code.userId, actor, detail });
  });
}

/**
 * Prints a letter with a new code in the place of the PIN. Rejects as `addCode` and `printLetter` do; then there is no such
 * code.
 */
export async function printCode(
  core: Core,
  families: readonly string[],
  input: NewCode,
  form: LetterForm,
  keep: Keep,
): Promise<CodeShown> {
  const user = await userByExtension(core, input.tenantId, input.extension);
  const code = core.secrets.code();
  const { letter } = await letterFor(core.store, user, { kind: 'code', text: code });
  const content = await printed([letter], form);
  let made: CodeShown | undefined;
  await keep(content, () =>
    core.store.transaction(async (store) => {
      const { code: _, ...shown } = await addCode({ ...core, store }, families, input, code);
      made = shown;
      await noteLetter(store, user, letter, form, core.actor);
    }),
  );
  return orNotFound(made, 'code');
}
