import { phraseIn } from '../apiWords.ts';
import { actsFor, allowed, FEW, wordsFor, type Page } from '../page.ts';

export const SYNC_LIST: Page = {
  path: '/t/:tenant/syncs',
  view: 'syncs',
  nav: { word: 'syncs', right: 'see' },
  async load(looking) {
    const { ask, at, here, language, visitor, tenant } = looking;
    const [{ items }, families] = await Promise.all([
      ask('listSyncs', { at, query: { limit: String(FEW) } }),
      ask('listFamilies'),
    ]);
    const say = wordsFor(looking);
    const act = actsFor(looking);
    return {
      ...{ title: say('syncs.title'), tenant, here, mayChange: visitor.rights.has('change') },
      ...{ isAny: items.length > 0, families: families.items },
      syncs: items.map(({ counts, ...sync }) => {
        const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
        const over = counts.back + counts.lost + counts.by_itself;
        const where = { tenant, id: String(sync.id) };
        const each = (['back', 'lost', 'by_itself'] as const).flatMap((what) =>
          counts[what] === 0 ? [] : [`${counts[what]} ${say(`syncs.ends.${what}`)}`],
        );
        const isOver = sync.state === 'done' || sync.state === 'cancelled';
        return {
          ...{
            ...sync,
            what: phraseIn(language, sync.what),
            stateLabel: say(`syncs.states.${sync.state}`),
            total,
            over,
            kind: sync.state === 'stopped' ? 'bad' : isOver ? '' : 'busy',
          },
          progress: `${over} / ${total} ${say('syncs.of')}${each.length === 0 ? '' : `: ${each.join(', ')}`}`,
          acts: allowed([
            ...(sync.state === 'running' ? [act('change', 'pauseSync', 'syncs.pause', where)] : []),
            ...(['paused', 'stopped'].includes(sync.state) ? [act('change', 'resumeSync', 'syncs.resume', where)] : []),
            ...(isOver ? [] : [act('change', 'cancelSync', 'syncs.cancel', where, 'syncs.cancelSure')]),
          ]),
        };
      }),
    };
  },
};
