import { navigable, wordsFor, type Page } from '../page.ts';

/** What leads to these pages. */
export function morePage(pages: readonly Page[]): Page {
  return {
    path: '/t/:tenant/more',
    view: 'more',
    nav: { word: 'more', right: 'see' },
    load(looking) {
      const { visitor, tenant } = looking;
      const say = wordsFor(looking);
      return Promise.resolve({
        title: say('nav.more'),
        pages: navigable(pages, visitor).map(({ word, path }) => ({
          ...{ href: path.replace(':tenant', tenant), label: say(`nav.${word}`), about: say(`more.${word}`) },
        })),
      });
    },
  };
}
