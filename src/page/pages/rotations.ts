import { formsFor, listsShown } from '../lists.ts';
import { deviceAt, nextOf, ROWS, userAt, wordsFor, type Page } from '../page.ts';

export const ROTATION_LIST: Page = {
  path: '/t/:tenant/rotations',
  view: 'lists',
  nav: { word: 'rotations', right: 'see', isMore: true },
  async load(looking) {
    const { ask, at, tenant, query } = looking;
    const { after = '' } = query;
    const { items, next } = await ask('listRotations', {
      ...{ at, query: { limit: String(ROWS), ...(after === '' ? {} : { after }) } },
    });
    const say = wordsFor(looking);
    const form = formsFor(looking, 'rotations');
    const whose = [
      { field: 'body.extension', label: 'extension', isNumber: true },
      { field: 'body.mac', label: 'mac', placeholder: '00:15:65:aa:bb:cc' },
      {
        ...{ field: 'body.all', label: 'all' },
        options: [
          { value: '', text: say('no') },
          { value: 'true', text: say('yes') },
        ],
      },
    ];
    return {
      title: say('rotations.title'),
      next: nextOf(next, {}),
      lists: listsShown(looking, [
        {
          ...{
            id: 'lines',
            heading: say('rotations.those'),
            about: say('rotations.about'),
            empty: say('rotations.none'),
          },
          columns: ['devices.mac', 'users.extension', 'rotations.state', 'rotations.since'].map(say),
          rows: items.map(({ mac, extension, state, since }) => ({
            cells: [
              { text: mac, href: deviceAt(tenant, mac) },
              { text: extension, href: userAt(tenant, extension) },
              ...[say(`rotations.${state}`), { time: since }],
            ],
          })),
          forms: [
            form('change', 'startRotation', {
              ...{ name: 'start', at: { tenant }, sure: true, back: `/t/${tenant}/syncs` },
              fields: [...whose, { field: 'body.perMinute', label: 'perMinute', isNumber: true, placeholder: '60' }],
            }),
            ...(items.length === 0
              ? []
              : [form('change', 'endRotation', { name: 'end', at: { tenant }, fields: whose, sure: true })]),
          ],
        },
      ]),
    };
  },
};
