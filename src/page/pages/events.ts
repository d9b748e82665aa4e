import { STEPS } from '../../domain/journal.ts';
import { deviceAt, nextOf, notEmpty, ROWS, wordsFor, type Page } from '../page.ts';
import { eventsIn } from '../shownEvent.ts';

export const EVENT_LIST: Page = {
  path: '/t/:tenant/events',
  view: 'events',
  nav: { word: 'events', right: 'see' },
  async load(looking) {
    const { ask, at, query, here, tenant } = looking;
    const { mac = '', extension = '', step = '', actor = '', after = '' } = query;
    const wanted = { mac, extension, step, actor };
    const paged = notEmpty({ ...wanted, after });
    const say = wordsFor(looking);
    const shown = eventsIn(looking);
    const { items, next } = await ask('listEvents', { at, query: { ...paged, limit: String(2 * ROWS) } });
    return {
      ...{ title: say('events.title'), mac, extension, actor, here, isAny: items.length > 0 },
      ...{ isLive: after === '', filter: new URLSearchParams({ tenant, ...notEmpty(wanted) }).toString() },
      steps: STEPS.map((value) => ({ value, label: say(`steps.${value}`), isChosen: value === step })),
      events: items.map((event) => ({
        ...shown(event),
        ...{ mac: event.mac, href: event.mac === null ? null : deviceAt(tenant, event.mac) },
      })),
      next: nextOf(next, wanted),
    };
  },
};
