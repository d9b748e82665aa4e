import { z } from 'zod';
import { exportEvents, listEvents } from '../administration/events.ts';
import { mayBeAbove, STEPS } from '../domain/journal.ts';
import { operation } from './operation.ts';
import { inTenant, mac, macShown, pageOf, time } from './schemas.ts';

export const EVENT = z
  .object({
    id: z.string(),
    at: time,
    step: z.enum(STEPS),
    tenantId: z.string(),
    mac: macShown.nullable(),
    userId: z.string().nullable(),
    actor: z
      .string()
      .meta({ description: '`phone`, `selfprov`, or who did it: `cli:root`, `page:ann`, `api:ansible`' }),
    address: z
      .string()
      .nullable()
      .meta({ description: 'IP address of an administrator who did it, where it is known' }),
    detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  })
  .meta({ id: 'Event' });

const instant = z.iso
  .datetime({ offset: true })
  .transform((text) => Date.parse(text))
  .meta({ format: 'date-time' });

const filter = z.strictObject({
  mac: mac.exactOptional(),
  extension: z.string().exactOptional(),
  step: z.string().exactOptional(),
  actor: z.string().exactOptional().meta({ description: 'its beginning: `cli` for all commands' }),
  from: instant.exactOptional(),
  until: instant.exactOptional(),
});

/** All events that a filter fits, as a file. */
function exported<Id extends string>(
  id: Id,
  format: 'csv' | 'jsonl',
  type: 'text/csv' | 'application/jsonl',
  as: string,
) {
  return operation({
    ...{ id, method: 'get', path: `/tenants/{tenant}/events.${format}`, tag: 'events', right: 'see', status: 200 },
    summary: `all that has happened, the latest first, ${as}`,
    ...{ at: inTenant, query: filter, body: null, answer: z.string(), type },
    work: async ({ core, at, visitor, query }) =>
      exportEvents(core, at.tenant, { ...query, isWithin: visitor.tenantId !== null }, format),
  });
}

export const EVENTS = [
  operation({
    ...{ id: 'listEvents', method: 'get', path: '/tenants/{tenant}/events', tag: 'events', right: 'see', status: 200 },
    summary: 'what has happened, the latest first',
    at: inTenant,
    query: filter.extend({
      limit: z.coerce.number().int().min(1).max(1000).default(100),
      after: z.string().exactOptional().meta({ description: '`next` of the answer before' }),
    }),
    body: null,
    answer: pageOf(EVENT),
    async work({ core, at, visitor, query: { after, ...wanted } }) {
      const before = after === undefined ? {} : { beforeId: after };
      const latest = await listEvents(core, at.tenant, { ...wanted, ...before, isWithin: visitor.tenantId !== null });
      const [oldest] = latest;
      const isEnd = oldest === undefined || latest.length < wanted.limit;
      const seen = latest.filter((event) => visitor.tenantId === null || !mayBeAbove(event));
      return { items: seen.toReversed(), next: isEnd ? null : oldest.id };
    },
  }),
  exported('exportEvents', 'csv', 'text/csv', 'as a table; no cell of it is a formula'),
  exported('exportEventsAsJson', 'jsonl', 'application/jsonl', 'as one `Event` in JSON a line'),
] as const;
