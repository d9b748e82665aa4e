import { randomBytes } from 'node:crypto';
import { SelfprovError } from '../domain/errors.ts';
import { STEPS, type Step } from '../domain/journal.ts';
import type { Store } from '../domain/ports.ts';
import { Secret } from '../domain/secret.ts';
import { didYouMean } from '../domain/similar.ts';
import { DEFAULT_TENANT } from '../domain/tenant.ts';
import { isWanted, type DeadLetter, type Webhook } from '../domain/webhook.ts';
import type { Core } from './core.ts';
import { beginningWith } from './names.ts';
import { knownTenant } from './tenants.ts';

/** A webhook as an administrator sees one. */
export type WebhookShown = Omit<Webhook, 'secret' | 'cursor'> & {
  readonly deadLetters: number;
  /** Events that it has not been told of yet; no more than `MOST_COUNTED` are looked at. */
  readonly waiting: number;
};

const MOST_COUNTED = 1000;

export interface NewWebhook {
  readonly tenantId: string | null;
  readonly url: string;
  readonly steps: readonly string[];
  /** Made by who has one tenant only. */
  readonly isConfined: boolean;
}

/**
 * Has a URL told of what happens from now on; the only time that its secret can be seen. Rejects with `invalid`, or with `not_found`
 * for a tenant that there is not.
 */
export async function addWebhook(
  { store, now, actor }: Core,
  { tenantId, url: given, steps: named, isConfined }: NewWebhook,
): Promise<WebhookShown & { readonly secret: Secret }> {
  const url = goodUrl(given);
  const steps = named.map(stepNamed);
  const secret = new Secret(`whsec_${randomBytes(24).toString('base64')}`);
  return store.transaction(async (inside) => {
    if (tenantId !== null) await knownTenant(inside, tenantId);
    const [latest] = await inside.events({ limit: 1 });
    const added = await inside.addWebhook({
      ...{ tenantId, url, secret, steps, isConfined, createdAt: now(), cursor: Number(latest?.id ?? 0) },
      ...{ attempts: 0, nextAttemptAt: now(), failure: null, isStopped: false },
    });
    const detail = {
      what: kindOf(tenantId),
      name: added.id,
      // Whoever may see events need not see webhooks: in what comes after it there may be a secret.
      url: new URL(url).origin,
      steps: steps.join(', ') || 'all',
    };
    await inside.addEvent({ step: 'created', tenantId: tenantId ?? DEFAULT_TENANT, actor, detail });
    return { ...(await shown(inside, added)), secret };
  });
}

/** Oldest first; of one tenant, or all. */
export async function listWebhooks(
  { store }: Pick<Core, 'store'>,
  tenantId: string | null,
): Promise<readonly WebhookShown[]> {
  const all = await store.webhooks();
  return Promise.all(all.filter(isSeenBy(tenantId)).map((each) => shown(store, each)));
}

/** `id` may be its beginning. Rejects with `not_found`; one of another tenant than this one is not there. */
export async function webhookOf(store: Store, tenantId: string | null, id: string): Promise<Webhook> {
  const all = (await store.webhooks()).filter(isSeenBy(tenantId));
  return beginningWith(all, id, `webhook ${id}: see "selfprov webhook list"`);
}

/** Rejects as `webhookOf` does. */
export async function removeWebhook({ store, actor }: Core, of: string | null, id: string): Promise<void> {
  await store.transaction(async (inside) => {
    const { id: name, tenantId } = await webhookOf(inside, of, id);
    await inside.removeWebhook(name);
    const detail = { what: kindOf(tenantId), name };
    await inside.addEvent({ step: 'deleted', tenantId: tenantId ?? DEFAULT_TENANT, actor, detail });
  });
}

/** It is told at once again what it has not taken, also where it was stopped. Rejects as `webhookOf` does. */
export async function resumeWebhook({ store, now, actor }: Core, of: string | null, id: string): Promise<WebhookShown> {
  return store.transaction(async (inside) => {
    const before = await webhookOf(inside, of, id);
    const change = { isStopped: false, attempts: 0, nextAttemptAt: now() };
    await inside.updateWebhook(before.id, change);
    const detail = { what: kindOf(before.tenantId), name: before.id, resumed: true };
    await inside.addEvent({ step: 'changed', tenantId: before.tenantId ?? DEFAULT_TENANT, actor, detail });
    return shown(inside, { ...before, ...change });
  });
}

/** What a webhook was told in vain, oldest first. Rejects as `webhookOf` does. */
export async function deadLettersOf(
  { store }: Pick<Core, 'store'>,
  of: string | null,
  id: string,
): Promise<readonly DeadLetter[]> {
  return store.deadLetters((await webhookOf(store, of, id)).id);
}

/** In events: the first one's journal has those of all tenants too. */
function kindOf(tenantId: string | null): string {
  return tenantId === null ? 'webhook of all' : 'webhook';
}

function isSeenBy(tenantId: string | null) {
  return (webhook: Webhook): boolean => tenantId === null || webhook.tenantId === tenantId;
}

async function shown(store: Store, { secret, cursor, ...rest }: Webhook): Promise<WebhookShown> {
  void secret;
  const { id, tenantId, url } = rest;
  const whose = tenantId === null ? {} : { tenantId };
  const events = await store.events({ ...whose, afterId: String(cursor), limit: MOST_COUNTED });
  const waiting = events.filter((event) => isWanted(rest, event)).length;
  return { ...rest, url: withoutSecrets(url), deadLetters: (await store.deadLetters(id)).length, waiting };
}

function goodUrl(given: string): string {
  try {
    const url = new URL(given);
    if ((url.protocol === 'https:' || url.protocol === 'http:') && given.length <= 1000) return url.href;
  } catch {
    // Said below.
  }
  throw new SelfprovError('invalid', `${JSON.stringify(given)} is no URL like https://example.com/hook`);
}

/** Passwords and what stands behind the path are between us and the one who is told. */
function withoutSecrets(text: string): string {
  const url = new URL(text);
  return `${url.origin}${url.pathname}${url.search === '' ? '' : '?…'}`;
}

function stepNamed(name: string): Step {
  const found = STEPS.find((step) => step === name.trim());
  if (found !== undefined) return found;
  throw new SelfprovError('invalid', `there is no step ${name}${didYouMean(name, STEPS)}`);
}
