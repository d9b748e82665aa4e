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
    const ticked = Object.keys(query).flatMap((name) => (name.startsWith('family.') ? [name.slice(7)] : []));
    const inSnippet = { ...at, server: chosen };
    const [all, versions, families] = await Promise.all([
      ask('getDhcpSnippet', { at: inSnippet }),
      ask('listVersions', { at }),
      mayEnter ? ask('listFamilies') : { items: [] },
    ]);
    // Those that are here, as long as nobody has chosen.
    const wanted = new Set(ticked.length > 0 ? ticked : versions.items.map(({ family }) => family));
    const its = all.families.flatMap(({ family }) => (wanted.has(family) ? [family] : []));
    const { url, snippet } =
      its.length === 0 ? all : await ask('getDhcpSnippet', { at: inSnippet, query: { family: its } });
    return {
      ...{ title: wordsFor(looking)('connect.title'), url, snippet },
      servers: Object.entries(SERVERS).map(([value, label]) => ({ value, label, isChosen: value === chosen })),
      dhcpFamilies: all.families.map(({ family, title }) => ({
        ...{ family, title: titleIn(language, title), isChosen: its.length === 0 || its.includes(family) },
      })),
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
