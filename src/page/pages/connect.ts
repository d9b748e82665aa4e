import { wordsFor, type Looking } from '../page.ts';

const SERVERS = { dnsmasq: 'dnsmasq', kea: 'Kea', isc: 'ISC dhcpd', mikrotik: 'MikroTik' } as const;
const FIRST = 'dnsmasq';

/** How phones get here: the URL, what makes a DHCP server send them, and for apps a URL of their own. */
export async function connectIn({ ask, at, query, here, tenant, visitor, language }: Looking) {
  const chosen = (Object.keys(SERVERS) as (keyof typeof SERVERS)[]).find((each) => each === query['dhcp']);
  const [{ url, snippet }, families] = await Promise.all([
    ask('getDhcpSnippet', { at: { ...at, server: chosen ?? FIRST } }),
    visitor.rights.has('secrets') ? ask('listFamilies') : { items: [] },
  ]);
  const served = families.items.filter((each) => each.served);
  return {
    ...{ url, snippet: chosen === undefined ? null : snippet, title: wordsFor({ language })('connect.title') },
    servers: Object.entries(SERVERS).map(([value, label]) => ({ value, label, isChosen: value === chosen })),
    enter: visitor.rights.has('secrets') ? { tenant, here, families: served } : null,
  };
}
