import { z } from 'zod';
import { MOST_PICKED } from '../administration/manyDevices.ts';
import {
  changeSync,
  countForSync,
  startSync,
  USUAL_PACE,
  type Pace,
  type SyncChange,
  type SyncWanted,
} from '../administration/syncs.ts';
import { listSyncs, showSync, type SyncShown } from '../administration/syncProgress.ts';
import { operation } from './operation.ts';
import { inTenant, mac, macShown, nothing, pageIn, pageOf, paging, time } from './schemas.ts';

const MINUTE_MS = 60_000;
const text = z.string();
const count = z.number().int();
const STATES = ['waiting', 'told', 'fetched', 'back', 'lost', 'by_itself'] as const;

const usual = (value: number, description: string) => count.default(value).meta({ description });

/** How fast a sync goes, as it is asked for. */
export const pace = {
  perMinute: usual(USUAL_PACE.perMinute, 'how many are told within a minute'),
  perAddress: usual(USUAL_PACE.perAddress, 'how many of them behind one address'),
  canary: usual(USUAL_PACE.canary, 'so many go first, and must be back before the others; 0: none'),
  mostLost: usual(USUAL_PACE.mostLost, 'when more of those are lost it stops'),
  canaryMinutes: usual(USUAL_PACE.canaryWithin / MINUTE_MS, 'until one of those is lost'),
  lostAfterMinutes: usual(USUAL_PACE.backWithin / MINUTE_MS, 'until one of the others is lost'),
};

export function paceOf(given: z.output<z.ZodObject<typeof pace>>): Pace {
  const { perMinute, perAddress, canary, mostLost, canaryMinutes, lostAfterMinutes } = given;
  const within = { canaryWithin: canaryMinutes * MINUTE_MS, backWithin: lostAfterMinutes * MINUTE_MS };
  return { perMinute, perAddress, canary, mostLost, ...within };
}

const SYNC = z
  .object({
    id: count,
    state: z.enum(['running', 'paused', 'stopped', 'done', 'cancelled']),
    what: text.meta({ description: 'what its devices were picked by' }),
    mac: macShown.nullable().meta({ description: 'of one device that somebody named' }),
    rotates: z.boolean().meta({ description: 'its devices get new SIP passwords' }),
    reboots: z.boolean().meta({ description: 'they are told to restart' }),
    ...{ perMinute: count, perAddress: count, canary: count, mostLost: count },
    ...{ canaryMinutes: z.number(), lostAfterMinutes: z.number() },
    canaryPassedAt: time.nullable(),
    startedAt: time,
    endedAt: time.nullable(),
    actor: text,
    counts: z
      .object({ waiting: count, told: count, fetched: count, back: count, lost: count, by_itself: count })
      .meta({ description: 'how many devices are in each state' }),
  })
  .meta({ id: 'Sync' });
const MINUTES = z.object({ minute: count, told: count, fetched: count, back: count, lost: count });
const WITH_MINUTES = z
  .object({ ...SYNC.shape, minutes: z.array(MINUTES).meta({ description: 'from the first that was told' }) })
  .meta({ id: 'SyncWithMinutes' });
const ITEM = z
  .object({
    mac: macShown,
    state: z.enum(STATES),
    isCanary: z.boolean(),
    why: text.nullable().meta({ description: 'why it is left to itself' }),
    toldAt: time.nullable(),
    fetchedAt: time.nullable(),
    registeredAt: time.nullable(),
    endedAt: time.nullable(),
  })
  .meta({ id: 'SyncDevice' });

function show(sync: SyncShown) {
  const { id, state, what, mac, rotates, reboots, perMinute, perAddress, canary, mostLost } = sync;
  const { canaryWithin, backWithin, canaryPassedAt, startedAt, endedAt, actor, counts } = sync;
  return {
    ...{ id, state, what, mac, rotates, reboots, perMinute, perAddress, canary, mostLost },
    ...{ canaryMinutes: canaryWithin / MINUTE_MS, lostAfterMinutes: backWithin / MINUTE_MS },
    ...{ canaryPassedAt, startedAt, endedAt, actor, counts },
  };
}

const which = {
  all: z.boolean().exactOptional(),
  family: text.exactOptional(),
  model: text.exactOptional(),
  exceptVersion: text.exactOptional().meta({ description: 'those that have said another version, or none' }),
  profile: text.exactOptional(),
  lineTemplate: text.exactOptional(),
  deviceTemplate: text.exactOptional(),
  macs: z.array(mac).min(1).max(MOST_PICKED).exactOptional().meta({ description: 'these alone' }),
};

function wantedOf(parts: Readonly<Partial<Record<keyof typeof which, unknown>>>): SyncWanted {
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined));
}

const about = { tag: 'syncs' } as const;
const all = '/tenants/{tenant}/syncs';
const path = `${all}/{id}`;
const one = inTenant.extend({ id: z.coerce.number().int() });

function verb(change: SyncChange, summary: string) {
  return operation({
    ...{
      ...about,
      id: `${change}Sync` as const,
      method: 'post',
      path: `${path}/${change}`,
      right: 'change',
      status: 200,
    },
    ...{ summary, at: one, query: nothing, body: null, answer: SYNC },
    async work({ core, at }) {
      await changeSync(core, at.tenant, at.id, change);
      return show(await showSync(core, at.tenant, at.id));
    },
  });
}

/** Newest first. */
function key({ id }: SyncShown): string {
  return String(Number.MAX_SAFE_INTEGER - id);
}

export const SYNCS = [
  operation({
    ...about,
    ...{ id: 'listSyncs', method: 'get', path: all, right: 'see', status: 200 },
    summary: 'when many phones were told to fetch, one after the other; the latest first',
    ...{ at: inTenant, query: paging, body: null, answer: pageOf(SYNC) },
    async work({ core, at, query }) {
      const { items, next } = pageIn(await listSyncs(core, at.tenant), query, key);
      return { items: items.map(show), next };
    },
  }),
  operation({
    ...about,
    ...{ id: 'startSync', method: 'post', path: all, right: 'change', status: 201 },
    summary: 'tell all phones, or those that all of this fits; the running server does it',
    ...{ at: inTenant, query: nothing, answer: SYNC },
    body: z.strictObject({
      ...which,
      reboot: z.boolean().default(false).meta({ description: 'they are told to restart, and fetch because of that' }),
      ...pace,
    }),
    location: ({ id }: { id: number }, { tenant }: { tenant: string }) => `/tenants/${tenant}/syncs/${id}`,
    async work({ core, at, body: { all: every, reboot: reboots, ...body } }) {
      const { family, model, exceptVersion, profile, lineTemplate, deviceTemplate, macs, ...given } = body;
      const parts = { family, model, exceptVersion, profile, lineTemplate, deviceTemplate, macs };
      const wanted = wantedOf({ all: every, ...parts });
      const { id } = await startSync(core, at.tenant, wanted, paceOf(given), { reboots });
      return show(await showSync(core, at.tenant, id));
    },
  }),
  operation({
    ...about,
    ...{ id: 'previewSync', method: 'post', path: `${all}/preview`, right: 'see', status: 200 },
    summary: 'how many phones would be told to fetch; nothing is done',
    ...{ at: inTenant, query: nothing, body: z.strictObject(which) },
    answer: z.object({ count: count.meta({ description: 'of phones' }) }).meta({ id: 'SyncPlan' }),
    work: async ({ core, at, body }) => ({ count: await countForSync(core, at.tenant, wantedOf(body)) }),
  }),
  operation({
    ...about,
    ...{ id: 'getSync', method: 'get', path, right: 'see', status: 200 },
    summary: 'how far one is, minute by minute',
    ...{ at: one, query: nothing, body: null, answer: WITH_MINUTES },
    async work({ core, at }) {
      const sync = await showSync(core, at.tenant, at.id);
      return { ...show(sync), minutes: sync.minutes };
    },
  }),
  operation({
    ...about,
    ...{ id: 'listSyncDevices', method: 'get', path: `${path}/devices`, right: 'see', status: 200 },
    summary: 'how far each of its devices is, by MAC',
    ...{ at: one, query: paging.extend({ state: z.enum(STATES).exactOptional() }), body: null, answer: pageOf(ITEM) },
    async work({ core, at, query: { state, ...page } }) {
      const { devices } = await showSync(core, at.tenant, at.id);
      const wanted = devices.filter((each) => state === undefined || each.state === state);
      const { items, next } = pageIn(wanted, page, ({ mac }) => mac);
      return { next, items: items.map(shownItem) };
    },
  }),
  verb('pause', 'tell nobody until it is resumed'),
  verb('resume', 'go on with one that is paused, or that has stopped by itself'),
  verb('cancel', 'tell nobody any more; those that were told go on'),
] as const;

function shownItem(item: Awaited<ReturnType<typeof showSync>>['devices'][number]) {
  const { mac, state, isCanary, why, toldAt, fetchedAt, registeredAt, endedAt } = item;
  return { mac, state, isCanary, why, toldAt, fetchedAt, registeredAt, endedAt };
}
