import { z } from 'zod';
import { addWebhook, deadLettersOf, listWebhooks, removeWebhook, resumeWebhook } from '../administration/webhooks.ts';
import { STEPS } from '../domain/journal.ts';
import { EVENT } from './events.ts';
import { operation } from './operation.ts';
import { inTenant, nothing, time } from './schemas.ts';

const text = z.string();
const WEBHOOK = z
  .object({
    id: text,
    tenantId: text.nullable(),
    url: text.meta({ description: 'without what stands behind its path' }),
    steps: z.array(z.enum(STEPS)).meta({ description: 'what it is told of; none named: all' }),
    isConfined: z.boolean().meta({ description: 'may not reach into networks of our own' }),
    createdAt: time,
    attempts: z.number().int().meta({ description: 'for the event that it is to take next' }),
    nextAttemptAt: time,
    failure: text.nullable().meta({ description: 'why the last attempt failed' }),
    isStopped: z.boolean(),
    deadLetters: z.number().int().meta({ description: 'events that it was told of in vain' }),
  })
  .meta({ id: 'Webhook' });
const LETTER = z.object({ id: text, webhookId: text, event: EVENT, why: text, at: time }).meta({ id: 'DeadLetter' });

const about = { tag: 'webhooks', right: 'policy' } as const;
const path = '/tenants/{tenant}/webhooks';
const one = inTenant.extend({ webhook: text.meta({ description: 'its id, or the beginning of it' }) });

export const WEBHOOKS = [
  operation({
    ...{ ...about, id: 'listWebhooks', method: 'get', path, status: 200 },
    summary: 'URLs that are told of what happens in a tenant',
    ...{ at: inTenant, query: nothing, body: null, answer: z.object({ items: z.array(WEBHOOK) }) },
    work: async ({ core, at }) => ({ items: await listWebhooks(core, at.tenant) }),
  }),
  operation({
    ...{ ...about, id: 'addWebhook', method: 'post', path, status: 201 },
    summary: 'have a URL told of what happens from now on; the answer has the secret, which is not shown again',
    once: ['secret'],
    ...{ at: inTenant, query: nothing },
    body: z.strictObject({ url: text, steps: z.array(z.enum(STEPS)).default([]) }),
    answer: z.object({ ...WEBHOOK.shape, secret: text }).meta({ id: 'NewWebhook' }),
    location: ({ id }: { id: string }, { tenant }: { tenant: string }) => `/tenants/${tenant}/webhooks/${id}`,
    async work({ core, at, visitor, body }) {
      const isConfined = visitor.tenantId !== null;
      const { secret, ...made } = await addWebhook(core, { tenantId: at.tenant, ...body, isConfined });
      return { ...made, secret: secret.reveal() };
    },
  }),
  operation({
    ...{ ...about, id: 'removeWebhook', method: 'delete', path: `${path}/{webhook}`, status: 204 },
    summary: 'it is told nothing any more',
    ...{ at: one, query: nothing, body: null, answer: null },
    work: async ({ core, at }) => removeWebhook(core, at.tenant, at.webhook),
  }),
  operation({
    ...{ ...about, id: 'resumeWebhook', method: 'post', path: `${path}/{webhook}/resume`, status: 200 },
    summary: 'tell it again at once what it has not taken, also where it was stopped',
    ...{ at: one, query: nothing, body: null, answer: WEBHOOK },
    work: async ({ core, at }) => resumeWebhook(core, at.tenant, at.webhook),
  }),
  operation({
    ...{ ...about, id: 'listDeadLetters', method: 'get', path: `${path}/{webhook}/dead-letters`, status: 200 },
    summary: 'events that it was told of in vain, oldest first',
    ...{ at: one, query: nothing, body: null, answer: z.object({ items: z.array(LETTER) }) },
    work: async ({ core, at }) => ({ items: await deadLettersOf(core, at.tenant, at.webhook) }),
  }),
] as const;
