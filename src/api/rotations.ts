import { z } from 'zod';
import {
  endFormers,
  planRotation,
  rotationsUnderWay,
  startRotation,
  type Rotation,
} from '../administration/rotations.ts';
import { FORMER_STATES } from '../domain/former.ts';
import { formatMac } from '../domain/mac.ts';
import { operation } from './operation.ts';
import { extension, inTenant, mac, macShown, nothing, pageIn, pageOf, paging, time } from './schemas.ts';
import { pace, paceOf } from './syncs.ts';

const text = z.string();
const ROTATION = z
  .object({
    mac: macShown,
    extension,
    state: z.enum(FORMER_STATES).meta({
      description:
        '`waiting`: has not fetched the new one; `fetched`: and not registered anew; `trying`: goes on without the old one until it is refused; `lost`: goes on with the old one',
    }),
    since: time,
  })
  .meta({ id: 'Rotation' });
const PLAN = z
  .object({
    devices: z.array(macShown).meta({ description: 'get new passwords' }),
    underWay: z.array(macShown).meta({ description: 'of these, such as have not come for theirs yet' }),
    kept: z.array(z.object({ mac: macShown, why: text })).meta({ description: 'keep what they have' }),
  })
  .meta({ id: 'RotationPlan' });

const wanted = {
  all: z.literal(true).exactOptional().meta({ description: 'of all users' }),
  extension: extension.exactOptional().meta({ description: 'of the phones that a user has' }),
  mac: mac.exactOptional().meta({ description: 'of one device' }),
};
const about = { tag: 'rotations', at: inTenant, query: nothing } as const;
const path = '/tenants/{tenant}/rotations';

/** Whose. */
function whose(given: Rotation): Rotation {
  const parts = Object.entries({ all: given.all, extension: given.extension, mac: given.mac });
  return Object.fromEntries(parts.filter(([, value]) => value !== undefined));
}

export const ROTATIONS = [
  operation({
    ...about,
    ...{ id: 'listRotations', method: 'get', path, right: 'see', status: 200, query: paging },
    summary: 'lines with a new SIP password of which the one before is still taken',
    ...{ body: null, answer: pageOf(ROTATION) },
    work: async ({ core, at, query }) =>
      pageIn(await rotationsUnderWay(core, at.tenant), query, (each) => `${each.mac} ${each.extension}`),
  }),
  operation({
    ...about,
    ...{ id: 'startRotation', method: 'post', path, right: 'change', status: 201 },
    summary: 'give phones new SIP passwords; each old one goes when its phone has the new one',
    body: z.strictObject({ ...wanted, ...pace }),
    answer: z.object({ ...PLAN.shape, sync: z.number().int() }).meta({ id: 'StartedRotation' }),
    location: ({ sync }: { sync: number }, { tenant }: { tenant: string }) => `/tenants/${tenant}/syncs/${sync}`,
    async work({ core, at, body }) {
      const { sync, ...plan } = await startRotation(core, at.tenant, whose(body), paceOf(body));
      return { ...inWhole(plan), sync: sync.id };
    },
  }),
  operation({
    ...about,
    ...{ id: 'previewRotation', method: 'post', path: `${path}/preview`, right: 'change', status: 200 },
    summary: 'which phones would get new SIP passwords, and which cannot; nothing is changed',
    ...{ body: z.strictObject(wanted), answer: PLAN },
    work: async ({ core, at, body }) => inWhole(await planRotation(core, at.tenant, whose(body))),
  }),
  operation({
    ...about,
    ...{ id: 'endRotation', method: 'post', path: `${path}/end`, right: 'change', status: 200 },
    summary: 'take the old SIP passwords away at once, also from phones that have not come for the new ones',
    body: z.strictObject(wanted),
    answer: z.object({ devices: z.array(macShown) }),
    work: async ({ core, at, body }) => ({ devices: await endFormers(core, at.tenant, whose(body)) }),
  }),
] as const;

function inWhole({ devices, underWay, kept }: Awaited<ReturnType<typeof planRotation>>) {
  return { devices: devices.map(formatMac), underWay: underWay.map(formatMac), kept };
}
