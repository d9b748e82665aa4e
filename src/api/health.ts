import { z } from 'zod';
import { operation } from './operation.ts';
import { nothing } from './schemas.ts';

const PART = z
  .looseObject({
    state: z.string(),
    ok: z.boolean(),
    warning: z
      .string()
      .exactOptional()
      .meta({ description: 'somebody should look, and phones are served all the same' }),
  })
  .meta({ id: 'Part' });

export const HEALTH = [
  operation({
    ...{ id: 'getHealth', method: 'get', path: '/health', tag: 'health', right: 'see', isForAll: true, status: 200 },
    summary: 'how each part is, as `/healthz` has it',
    ...{ at: nothing, query: nothing, body: null, answer: z.record(z.string(), PART) },
    work: ({ facts }) => facts.health(),
  }),
] as const;
