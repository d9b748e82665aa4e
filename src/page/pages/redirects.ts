import { formsFor, listsShown } from '../lists.ts';
import { actsFor, ROWS, wordsFor, type Page } from '../page.ts';

export const REDIRECT_LIST: Page = {
  path: '/redirects',
  view: 'lists',
  nav: { word: 'redirects', right: 'see', isMore: true },
  async load(looking) {
    const { items } = await looking.ask('listRedirects', { query: { limit: String(10 * ROWS) } });
    const say = wordsFor(looking);
    const act = actsFor(looking);
    const form = formsFor(looking, 'redirects');
    const parts = ['mac', 'serial', 'family', 'model', 'network'] as const;
    return {
      title: say('redirects.title'),
      lists: listsShown(looking, [
        {
          ...{
            id: 'rules',
            heading: say('redirects.those'),
            about: say('redirects.about'),
            empty: say('redirects.none'),
          },
          columns: [say('redirects.phones'), say('redirects.url')],
          rows: items.map(({ id, url, ...rule }) => {
            const said = parts.flatMap((part) =>
              rule[part] === null ? [] : [`${say(`redirects.${part}`)} ${rule[part]}`],
            );
            return {
              cells: [said.join(', ') || say('redirects.others'), url ?? say('redirects.nowhere')],
              acts: [act('policy', 'removeRedirect', 'redirects.remove', { id }, 'redirects.removeSure')],
            };
          }),
          forms: [
            form('policy', 'addRedirect', {
              ...{ name: 'add', at: {} },
              fields: [
                ...parts.map((part) => ({ field: `body.${part}`, label: part })),
                { field: 'body.url', label: 'url', placeholder: say('redirects.nowhere') },
              ],
            }),
          ],
        },
      ]),
    };
  },
};
