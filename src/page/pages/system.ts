import { formsFor, listsShown } from '../lists.ts';
import { wordsFor, type Page } from '../page.ts';

export const SYSTEM: Page = {
  path: '/system',
  view: 'lists',
  nav: { word: 'system', right: 'see', isMore: true },
  async load(looking) {
    const { settings } = await looking.ask('getSystem');
    const say = wordsFor(looking);
    const form = formsFor(looking, 'system');
    const options = ['on', 'off'].map((value) => ({ value, text: say(value) }));
    const switches = Object.entries(settings);
    return {
      title: say('system.title'),
      lists: listsShown(looking, [
        {
          ...{ id: 'switches', heading: say('system.those'), about: say('system.about'), empty: '' },
          columns: [say('system.what'), say('system.state')],
          rows: switches.map(([name, value]) => ({ cells: [say(`system.${name}`), say(value)] })),
          forms: [
            form('policy', 'changeSystem', {
              ...{ name: 'change', at: {}, sure: true },
              fields: switches.map(([name, given]) => ({
                field: `body.settings.${name}`,
                label: name,
                given,
                options,
              })),
            }),
          ],
        },
      ]),
    };
  },
};
