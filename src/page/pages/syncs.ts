import { phraseIn } from '../apiWords.ts';
import type { AnswerOf } from '../../api/operations.ts';
import {
  actsFor,
  allowed,
  deviceAt,
  factsIn,
  FEW,
  nextOf,
  notEmpty,
  ROWS,
  syncAt,
  wordsFor,
  type Looking,
  type Page,
} from '../page.ts';

export const SYNC_LIST: Page = {
  path: '/t/:tenant/syncs',
  view: 'syncs',
  nav: { word: 'syncs', right: 'see' },
  async load(looking) {
    const { ask, at, here, visitor, tenant } = looking;
    const [{ items }, families] = await Promise.all([
      ask('listSyncs', { at, query: { limit: String(FEW) } }),
      ask('listFamilies'),
    ]);
    return {
      ...{ title: wordsFor(looking)('syncs.title'), tenant, here, mayChange: visitor.rights.has('change') },
      ...{ isAny: items.length > 0, families: families.items },
      syncs: items.map((sync) => shownSync(looking, sync)),
    };
  },
};

/** Those that need a look come first. */
const STATES = ['lost', 'by_itself', 'told', 'fetched', 'waiting', 'back'] as const;

export const ONE_SYNC: Page = {
  path: '/t/:tenant/syncs/:id',
  view: 'sync',
  async load(looking) {
    const { at, ask, here, language, query, tenant } = looking;
    const say = wordsFor(looking);
    const sync = await ask('getSync', { at });
    const chosen = STATES.find((state) => state === query['state']);
    const { items, next } = await devicesOf(looking, sync, chosen);
    const first = sync.canaryPassedAt === null ? String(sync.canary) : `${sync.canary}, ${say('syncs.allBack')}`;
    const isOfOne = sync.mac !== null;
    return {
      ...{ title: `${say('syncs.one')} ${sync.id}: ${phraseIn(language, sync.what)}`, here, isLive: isLive(sync) },
      ...shownSync(looking, sync),
      facts: factsIn(language, {
        'syncs.tells': say(sync.reboots ? 'syncs.toRestart' : 'syncs.toFetch'),
        'syncs.perMinute': isOfOne ? null : String(sync.perMinute),
        'syncs.perAddress': isOfOne ? null : String(sync.perAddress),
        'syncs.canary': sync.canary === 0 ? null : first,
        'syncs.lostAfter': String(sync.lostAfterMinutes),
      }),
      endedAt: sync.endedAt,
      states: STATES.filter((state) => sync.counts[state] > 0).map((state) => ({
        ...{ href: `${syncAt(tenant, sync.id)}?state=${state}`, isHere: state === chosen },
        ...{ count: sync.counts[state], label: say(`syncs.states.${state}`) },
      })),
      all: chosen === undefined ? null : syncAt(tenant, sync.id),
      isAny: items.length > 0,
      devices: items.map(({ mac, state, why, isCanary, toldAt, fetchedAt, endedAt: at }) => ({
        ...{ mac, href: deviceAt(tenant, mac), isCanary, toldAt, fetchedAt, endedAt: at },
        ...{ kind: KINDS[state], label: say(`syncs.states.${state}`) },
        why: state === 'lost' ? say(fetchedAt === null ? 'syncs.notFetched' : 'syncs.notBack') : why,
      })),
      next: nextOf(next, { state: chosen ?? '' }),
      more: next === null && chosen === undefined && items.length < totalOf(sync) ? say('syncs.more') : null,
    };
  },
};

const KINDS = { lost: 'bad', by_itself: 'busy', told: 'busy', fetched: 'busy', waiting: '', back: 'good' } as const;

/** Those in one state, or as many as there is room for, one state after the other. */
async function devicesOf({ ask, at, query }: Looking, { counts }: Sync, chosen: (typeof STATES)[number] | undefined) {
  const inState = (state: string, limit: number, more = {}) =>
    ask('listSyncDevices', { at, query: { state, limit: String(limit), ...more } });
  if (chosen !== undefined) return inState(chosen, ROWS, notEmpty({ after: query['after'] ?? '' }));
  const items: AnswerOf<'listSyncDevices'>['items'] = [];
  for (const state of STATES)
    if (counts[state] > 0 && items.length < ROWS) items.push(...(await inState(state, ROWS - items.length)).items);
  return { items, next: null };
}

type Sync = AnswerOf<'listSyncs'>['items'][number];

/** How far it is, and what may be done with it. */
function shownSync(looking: Looking, { counts, ...sync }: Sync) {
  const { tenant } = looking;
  const say = wordsFor(looking);
  const act = actsFor(looking);
  const total = totalOf({ counts });
  const over = counts.back + counts.lost + counts.by_itself;
  const where = { tenant, id: String(sync.id) };
  const each = (['back', 'lost', 'by_itself'] as const).flatMap((what) =>
    counts[what] === 0 ? [] : [`${counts[what]} ${say(`syncs.ends.${what}`)}`],
  );
  const isOver = sync.state === 'done' || sync.state === 'cancelled';
  return {
    ...{
      id: sync.id,
      what: phraseIn(looking.language, sync.what),
      reboots: sync.reboots,
      actor: sync.actor,
      startedAt: sync.startedAt,
    },
    ...{ href: syncAt(tenant, sync.id), total, over, kind: sync.state === 'stopped' ? 'bad' : isOver ? '' : 'busy' },
    state: say(`syncs.is.${sync.state}`),
    progress: `${over} / ${total} ${say('syncs.of')}${each.length === 0 ? '' : `: ${each.join(', ')}`}`,
    acts: allowed([
      ...(sync.state === 'running' ? [act('change', 'pauseSync', 'syncs.pause', where)] : []),
      ...(['paused', 'stopped'].includes(sync.state) ? [act('change', 'resumeSync', 'syncs.resume', where)] : []),
      ...(isOver ? [] : [act('change', 'cancelSync', 'syncs.cancel', where, 'syncs.cancelSure')]),
    ]),
  };
}

/** Those that were told go on when nobody else is told any more. */
function isLive({ state, counts }: Pick<Sync, 'state' | 'counts'>): boolean {
  return state === 'running' || state === 'paused' || counts.told + counts.fetched > 0;
}

function totalOf({ counts }: Pick<Sync, 'counts'>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
