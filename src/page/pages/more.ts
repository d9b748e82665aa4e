import { wordsFor, type Page } from '../page.ts';

/** What is looked at less often; which pages those are, they say themselves. */
export function morePage(pages: readonly Page[]): Page {
  return {
    path: '/t/:tenant/more',
    view: 'more',
    nav: { word: 'nav.more', right: 'see' },
    load(looking) {
      const { visitor, tenant } = looking;
      const say = wordsFor(looking);
      return Promise.resolve({
        title: say('nav.more'),
        pages: pages.flatMap(({ nav, path }) => {
          if (nav?.isMore !== true || !visitor.rights.has(nav.right)) return [];
          if (!path.includes(':tenant') && visitor.tenantId !== null) return [];
          return [
            {
              href: path.replace(':tenant', tenant),
              label: say(nav.word),
              about: say(nav.word.replace('nav.', 'more.')),
            },
          ];
        }),
      });
    },
  };
}
