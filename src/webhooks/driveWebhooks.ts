import type { Event } from '../domain/journal.ts';
import type { Store } from '../domain/ports.ts';
import type { Instant } from '../domain/time.ts';
import { afterAttempt, isWanted, type Told, type Webhook } from '../domain/webhook.ts';

/** Longer than an attempt takes. */
const CLAIMED_MS = 60_000;
const AT_ONCE = 50;
/** Of several processes one may commit what another one has numbered before: nobody is told of what is newer. */
const SETTLED_MS = 2000;

export interface WebhookNeeds {
  readonly store: Store;
  readonly now: () => Instant;
  /** Tells one URL of one event; resolves to what became of it. */
  tell(webhook: Webhook, event: Event): Promise<Told>;
}

/** Tells every webhook what it has not been told yet, as far as it is its time. Resolves when all have been tried. */
export async function driveWebhooks(needs: WebhookNeeds): Promise<void> {
  const { store, now } = needs;
  const due = (await store.webhooks()).filter(({ isStopped, nextAttemptAt }) => !isStopped && nextAttemptAt <= now());
  if (due.length === 0) return;
  const ours = await store.claim(
    'webhook',
    due.map(({ id }) => id),
    CLAIMED_MS,
  );
  try {
    await Promise.all(ours.map((id) => tellOne(needs, id)));
  } finally {
    await store.giveBack('webhook', ours);
  }
}

/** As long as it takes them, one after the other: what comes later is not told before. */
async function tellOne({ store, now, tell }: WebhookNeeds, id: string): Promise<void> {
  // As it is, now that it is ours.
  let webhook = await store.webhook(id);
  if (webhook === undefined) return;
  const { cursor, tenantId } = webhook;
  const whose = tenantId === null ? {} : { tenantId };
  const events = await store.events({ ...whose, afterId: String(cursor), until: now() - SETTLED_MS, limit: AT_ONCE });
  for (const event of events) {
    if (webhook.isStopped || webhook.nextAttemptAt > now()) return;
    const told: Told = isWanted(webhook, event) ? await tell(webhook, event) : { status: 204 };
    const { change, why } = afterAttempt(webhook, event, told, now());
    await store.transaction(async (inside) => {
      await inside.updateWebhook(id, change);
      if (why !== null) await inside.addDeadLetter({ webhookId: id, event, why, at: now() });
    });
    webhook = { ...webhook, ...change };
  }
}
