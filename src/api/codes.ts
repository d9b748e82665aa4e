import { z } from 'zod';
import { addCode, listCodes, removeCode } from '../administration/codes.ts';
import { operation } from './operation.ts';
import { extension, inTenant, mac, macShown, nothing, pageIn, pageOf, paging, time } from './schemas.ts';

const MINUTE_MS = 60_000;
const WEEK_MINUTES = 7 * 24 * 60;

export const CODE = z
  .object({
    id: z.string(),
    extension,
    family: z.string().nullable().meta({ description: 'the only kind of phone that it is good for' }),
    mac: macShown.nullable().meta({ description: 'the only phone that it is good for' }),
    createdAt: time,
    expiresAt: time,
    usedAt: time.nullable(),
  })
  .meta({ id: 'Code' });

/** What a code is asked for by. */
export const newCode = {
  extension: extension.meta({ description: 'whose phone it makes' }),
  minutes: z.number().int().default(WEEK_MINUTES).meta({ description: 'how long it can be used: 90 days at most' }),
  family: z.string().exactOptional(),
  mac: mac.exactOptional(),
};
const about = { tag: 'codes' } as const;
const path = '/tenants/{tenant}/codes';

export const CODES = [
  operation({
    ...about,
    ...{ id: 'listCodes', method: 'get', path, right: 'see', status: 200 },
    summary: 'one-time codes of the last weeks; the codes themselves are not kept',
    ...{ at: inTenant, query: paging, body: null, answer: pageOf(CODE) },
    work: async ({ core, at, query }) => pageIn(await listCodes(core, at.tenant), query, ({ id }) => id),
  }),
  operation({
    ...about,
    ...{ id: 'addCode', method: 'post', path, right: 'policy', status: 201 },
    summary: 'a code that is keyed once instead of extension and PIN; it is not shown again',
    once: ['code'],
    ...{ at: inTenant, query: nothing },
    body: z.strictObject(newCode),
    answer: z.object({ ...CODE.shape, code: z.string() }).meta({ id: 'NewCode' }),
    async work({ core, facts, at, body: { minutes, ...body } }) {
      const families = facts.families().all.map(({ id }) => id);
      const made = await addCode(core, families, { tenantId: at.tenant, ...body, lasts: minutes * MINUTE_MS });
      return { ...made, code: made.code.reveal() };
    },
  }),
  operation({
    ...about,
    ...{ id: 'removeCode', method: 'delete', path: `${path}/{id}`, right: 'policy', status: 204 },
    summary: 'it is worth nothing any more',
    ...{ at: inTenant.extend({ id: z.string() }), query: nothing, body: null, answer: null },
    work: async ({ core, at }) => removeCode(core, at.tenant, at.id),
  }),
] as const;
