import { randomUUID } from 'node:crypto';
import type { Webhooks } from '../domain/ports.ts';
import type { DeadLetter, Webhook } from '../domain/webhook.ts';
import type { Sealer } from '../secrets/sealer.ts';
import type { Query } from './query.ts';
import { table } from './table.ts';

export function webhooksIn(sealer: Sealer) {
  const webhooks = table<Webhook>(
    'webhooks',
    {
      ...{ id: 'text', tenantId: 'text', url: 'text', secret: 'secret', steps: 'list', isConfined: 'boolean' },
      ...{ createdAt: 'number', cursor: 'number', attempts: 'number', nextAttemptAt: 'number', failure: 'text' },
      isStopped: 'boolean',
    },
    sealer,
  );
  const letters = table<DeadLetter>(
    'dead_letters',
    { id: 'text', webhookId: 'text', event: 'json', why: 'text', at: 'number' },
    sealer,
  );
  return (query: Query): Webhooks => ({
    webhook: (id) => query.find(webhooks, { id }),
    webhooks: () => query.list(webhooks, {}, 'created_at', 'id'),
    async addWebhook(webhook) {
      const added = { ...webhook, id: randomUUID() };
      await query.insert(webhooks, added);
      return added;
    },
    updateWebhook: (id, change) => query.update(webhooks, { id }, change),
    removeWebhook: (id) => query.remove(webhooks, { id }),

    deadLetters: (webhookId) => query.list(letters, { webhook_id: webhookId }, 'at', 'id'),
    addDeadLetter: (letter) => query.insert(letters, { ...letter, id: randomUUID() }),
    removeDeadLetter: (id) => query.remove(letters, { id }),
    async removeDeadLetters(before) {
      await query.run(`DELETE FROM ${letters.name} WHERE at < ?`, [before]);
    },
  });
}
