import { z } from 'zod';
import { listHandOvers } from '../administration/handOvers.ts';
import { formatMac } from '../domain/mac.ts';
import { HAND_OVER } from './deviceShown.ts';
import { operation } from './operation.ts';
import { inTenant, mac, pageOf, paging } from './schemas.ts';

export const HAND_OVERS = [
  operation({
    ...{ id: 'listHandOvers', method: 'get', path: '/tenants/{tenant}/hand-overs', tag: 'hand-overs' },
    ...{ right: 'see', status: 200 },
    summary: 'phones on their way to another line, or that have not arrived, by MAC',
    at: inTenant,
    query: paging.extend({
      state: z.enum(['open', 'failed']).default('open'),
      after: mac.exactOptional().meta({ description: '`next` of the answer before' }),
    }),
    ...{ body: null, answer: pageOf(HAND_OVER) },
    async work({ core, at, query }) {
      const { handOvers, next } = await listHandOvers(core, at.tenant, query);
      return { items: handOvers, next: next === null ? null : formatMac(next) };
    },
  }),
] as const;
