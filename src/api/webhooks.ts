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
    waiting: z
      .number()
      .int()
      .meta({ description: 'events that it has not been told of yet, as far as they are counted: 1000' }),
    deadLetters: z.number().int().meta({ description: 'events that it was told of in vain' }),
  })
  .meta({ id: 'Webhook' });
const LETTER = z.object({ id: text, webhookId: text, event: EVENT, why: text, at: time }).meta({ id: 'DeadLetter' });

const about = { tag: 'webhooks', right: 'policy', query: nothing } as const;
const all = z.strictObject({});
const webhook = text.meta({ description: 'its id, or the beginning of it' });
const NEW = z.strictObject({ url: text, steps: z.array(z.enum(STEPS)).default([]) });
const MADE = z.object({ ...WEBHOOK.shape, secret: text }).meta({ id: 'NewWebhook' });
const LIST = z.object({ items: z.array(WEBHOOK) });

/** The verbs of one tenant's webhooks, or of all tenants' and of those that are told of all of them. */
function webhooksOf<Of extends string, At extends z.ZodObject>(
  of: Of,
  { path, at, whose }: { readonly path: string; readonly at: At; readonly whose: string },
) {
  const tenantIn = (given: object): string | null => (given as { readonly tenant?: string }).tenant ?? null;
  const one = at.extend({ webhook });
  const idOf = (given: object): string => (given as { readonly webhook: string }).webhook;
  return [
    operation({
      ...{ ...about, id: `list${of}Webhooks` as const, method: 'get', path, status: 200 },
      summary: `URLs that are told of what happens ${whose}`,
      ...{ at, body: null, answer: LIST },
      work: async ({ core, at: where }) => ({ items: await listWebhooks(core, tenantIn(where)) }),
    }),
    operation({
      ...{ ...about, id: `add${of}Webhook` as const, method: 'post', path, status: 201 },
      summary: `have a URL told of what happens ${whose} from now on; the answer has the secret, which is not shown again`,
      once: ['secret'],
      ...{ at, body: NEW, answer: MADE },
      location: ({ id }: { id: string }, where: object) => {
        const tenant = tenantIn(where);
        return `${tenant === null ? '' : `/tenants/${tenant}`}/webhooks/${id}`;
      },
      async work({ core, at: where, visitor, body }) {
        const isConfined = visitor.tenantId !== null;
        const { secret, ...made } = await addWebhook(core, { tenantId: tenantIn(where), ...body, isConfined });
        return { ...made, secret: secret.reveal() };
      },
    }),
    operation({
      ...{ ...about, id: `remove${of}Webhook` as const, method: 'delete', path: `${path}/{webhook}`, status: 204 },
      summary: 'it is told nothing any more',
      ...{ at: one, body: null, answer: null },
      work: async ({ core, at: where }) => removeWebhook(core, tenantIn(where), idOf(where)),
    }),
    operation({
      ...{ ...about, id: `resume${of}Webhook` as const, method: 'post', path: `${path}/{webhook}/resume`, status: 200 },
      summary: 'tell it again at once what it has not taken, also where it was stopped',
      ...{ at: one, body: null, answer: WEBHOOK },
      work: async ({ core, at: where }) => resumeWebhook(core, tenantIn(where), idOf(where)),
    }),
    operation({
      ...{ ...about, id: `list${of}DeadLetters` as const, method: 'get', path: `${path}/{webhook}/dead-letters` },
      ...{ status: 200, at: one, body: null, answer: z.object({ items: z.array(LETTER) }) },
      summary: 'events that it was told of in vain, oldest first',
      work: async ({ core, at: where }) => ({ items: await deadLettersOf(core, tenantIn(where), idOf(where)) }),
    }),
  ] as const;
}

export const WEBHOOKS = [
  ...webhooksOf('', { path: '/tenants/{tenant}/webhooks', at: inTenant, whose: 'in a tenant' }),
  ...webhooksOf('All', { path: '/webhooks', at: all, whose: 'in any tenant' }),
] as const;
