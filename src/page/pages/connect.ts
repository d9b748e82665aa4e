import { titleIn } from '../apiWords.ts';
import { wordsFor, type Page } from '../page.ts';

const SERVERS = { dnsmasq: 'dnsmasq', kea: 'Kea', isc: 'ISC dhcpd', mikrotik: 'MikroTik' } as const;
type Server = keyof typeof SERVERS;

/** How phones get here: the URL, what makes a DHCP server send them, and for apps a URL of their own. */
export const CONNECT: Page = {
  path: '/t/:tenant/connect',
  view: 'connect',
  nav: { word: 'connect', right: 'see', isMore: true },
  async load(looking) {
    const { ask, at, query, here, language, tenant, visitor } = looking;
    const mayEnter = visitor.rights.has('secrets');
    const chosen = (Object.keys(SERVERS) as Server[]).find((each) => each === query['dhcp']) ?? 'dnsmasq';
    const [{ url, snippet }, families] = await Promise.all([
      ask('getDhcpSnippet', { at: { ...at, server: chosen } }),
      mayEnter ? ask('listFamilies') : { items: [] },
    ]);
    return {
      ...{ title: wordsFor(looking)('connect.title'), url, snippet },
      servers: Object.entries(SERVERS).map(([value, label]) => ({ value, label, isChosen: value === chosen })),
      enter: mayEnter
        ? {
            ...{ tenant, here },
            families: families.items
              .filter(({ served }) => served)
              .map(({ family, title }) => ({ family, title: titleIn(language, title) })),
          }
        : null,
    };
  },
};
