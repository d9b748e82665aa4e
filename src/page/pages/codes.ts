import { formsFor, listsShown } from '../lists.ts';
import { actsFor, deviceAt, nextOf, ROWS, userAt, wordsFor, type Page } from '../page.ts';

export const CODE_LIST: Page = {
  path: '/t/:tenant/codes',
  view: 'lists',
  nav: { word: 'codes', right: 'see', isMore: true },
  async load(looking) {
    const { ask, at, tenant, query } = looking;
    const { after = '' } = query;
    const { items, next } = await ask('listCodes', {
      at,
      query: { limit: String(ROWS), ...(after === '' ? {} : { after }) },
    });
    const say = wordsFor(looking);
    const act = actsFor(looking);
    const form = formsFor(looking, 'codes');
    return {
      title: say('codes.title'),
      next: nextOf(next, {}),
      lists: listsShown(looking, [
        {
          ...{ id: 'codes', heading: say('codes.those'), about: say('codes.about'), empty: say('codes.none') },
          columns: ['codes.extension', 'codes.for', 'codes.made', 'codes.until', 'codes.used'].map(say),
          rows: items.map(({ id, extension, family, mac, createdAt, expiresAt, usedAt }) => ({
            cells: [
              { text: extension, href: userAt(tenant, extension) },
              mac === null ? family : { text: mac, href: deviceAt(tenant, mac) },
              ...[{ time: createdAt }, { time: expiresAt }, { time: usedAt }],
            ],
            acts:
              usedAt === null ? [act('policy', 'removeCode', 'codes.remove', { tenant, id }, 'codes.removeSure')] : [],
          })),
          forms: [
            form('policy', 'addCode', {
              ...{ name: 'add', at: { tenant } },
              fields: [
                { field: 'body.extension', label: 'extension', isNeeded: true, isNumber: true },
                { field: 'body.minutes', label: 'minutes', isNumber: true, placeholder: '10080' },
                { field: 'body.mac', label: 'mac', placeholder: '00:15:65:aa:bb:cc' },
              ],
            }),
          ],
        },
      ]),
    };
  },
};
