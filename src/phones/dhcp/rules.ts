import { isIPv4 } from 'node:net';
import type { Families, Family } from '../family/family.ts';

export interface DhcpValue {
  readonly code: number;
  readonly type: 'text' | 'ip';
  readonly value: string;
}

/** One option: a value, or what is encapsulated in it. */
export type DhcpOption = DhcpValue | { readonly code: number; readonly inside: readonly DhcpValue[] };

/** What the phones of one family are told by DHCP, to be written in the words of any server. */
export interface DhcpRule {
  readonly id: string;
  readonly title: string;
  /** Beginnings of option 60. */
  readonly vendorClasses: readonly string[];
  /** Beginnings of the MAC: 6 to 11 digits. */
  readonly macPrefixes: readonly string[];
  readonly options: readonly DhcpOption[];
  /** Earlier rules that a phone of this one may fit too: theirs is the closer fit. */
  readonly unless: readonly string[];
  /** Options that cannot be given, because they need an address and the server has only a name. */
  readonly withoutAddress: readonly number[];
}

/**
 * The rules of all families that we have files for, closest fit first, so that the first that fits is the right one.
 * `openUrl` is where phones ask, and ends with a slash. Of those in `only`, and without options those that phones of these are to be told
 * apart from.
 */
export function dhcpRules(families: Families, openUrl: string, only?: readonly string[]): readonly DhcpRule[] {
  const rules = allRules(families, openUrl);
  if (only === undefined) return rules;
  const others = new Set(rules.flatMap(({ id, unless }) => (only.includes(id) ? unless : [])));
  return rules.flatMap((rule) => {
    if (only.includes(rule.id)) return [rule];
    return others.has(rule.id)
      ? [{ ...rule, title: `${rule.title}: told apart, and sent nowhere`, options: [], withoutAddress: [] }]
      : [];
  });
}

/** Those that a DHCP server can tell from others. */
export function familiesByDhcp(families: Families): readonly Family[] {
  return families.all.flatMap((family) => fitOf(families, family)).map(({ family }) => family);
}

function allRules(families: Families, openUrl: string): readonly DhcpRule[] {
  const rules: DhcpRule[] = [];
  const fits = families.all.flatMap((family) => fitOf(families, family)).toSorted(closestFirst);
  for (const { family, ...fit } of fits) {
    const unless = rules.filter((earlier) => overlap(families, earlier, fit)).map(({ id }) => id);
    const options = valuesOf(family, new URL(openUrl), openUrl);
    const usable = options.filter(({ type, value }) => type === 'text' || isIPv4(value));
    rules.push({
      id: family.id,
      title: family.data.title,
      ...fit,
      options: encapsulate(usable),
      unless,
      withoutAddress: options.filter((option) => !usable.includes(option)).map(({ code }) => code),
    });
  }
  return rules;
}

type Fit = Pick<DhcpRule, 'vendorClasses' | 'macPrefixes'>;

function fitOf(families: Families, family: Family): readonly (Fit & { readonly family: Family })[] {
  const { dhcp } = family.data;
  if (dhcp === undefined || family.files.size === 0) return [];
  const fit = {
    family,
    vendorClasses: dhcp.vendor_class_prefixes,
    macPrefixes: dhcp.by_oui ? inBytes(families, family) : [],
  };
  return fit.vendorClasses.length + fit.macPrefixes.length === 0 ? [] : [fit];
}

function macPrefixesOf({ data }: Family): readonly string[] {
  return withoutLonger([...data.oui, ...data.models.table.flatMap(({ oui }) => oui)]);
}

/** Without those that begin with another. */
function withoutLonger(prefixes: readonly string[]): readonly string[] {
  const all = [...new Set(prefixes)].toSorted();
  return all.filter((prefix) => !all.some((other) => other !== prefix && prefix.startsWith(other)));
}

/**
 * Whole bytes, where no phones fit these besides but such as are told by option 60, before: most servers compare bytes, and would need
 * sixteen lines for an odd digit.
 */
function inBytes(families: Families, family: Family): readonly string[] {
  const isToldBefore = ({ data, files }: Family): boolean =>
    (data.dhcp?.vendor_class_prefixes.length ?? 0) > 0 && files.size > 0;
  const others = families.all.filter((other) => other !== family && !isToldBefore(other)).flatMap(macPrefixesOf);
  const widened = macPrefixesOf(family).map((prefix) => {
    const whole = prefix.slice(0, prefix.length - (prefix.length % 2));
    return others.some((other) => other.startsWith(whole) || whole.startsWith(other)) ? prefix : whole;
  });
  return withoutLonger(widened);
}

/** What a phone says of itself tells more than its MAC, and more of it more than less. */
function closestFirst(one: Fit & { family: Family }, other: Fit & { family: Family }): number {
  const longest = (texts: readonly string[]): number => Math.max(0, ...texts.map(({ length }) => length));
  return (
    longest(other.vendorClasses) - longest(one.vendorClasses) ||
    longest(other.macPrefixes) - longest(one.macPrefixes) ||
    one.family.id.localeCompare(other.family.id)
  );
}

/**
 * Whether one phone may fit both. A phone of a family that is told by option 60 has a MAC besides: it counts for rules
 * that go by the MAC.
 */
function overlap(families: Families, earlier: DhcpRule, later: Fit): boolean {
  const family = families.byId.get(earlier.id);
  const macs = family === undefined ? earlier.macPrefixes : macPrefixesOf(family);
  return (
    earlier.vendorClasses.some((long) => later.vendorClasses.some((short) => contains(long, short))) ||
    macs.some((one) => later.macPrefixes.some((other) => one.startsWith(other) || other.startsWith(one)))
  );
}

/** Some servers look for the text anywhere in option 60. */
function contains(one: string, other: string): boolean {
  const [a, b] = [one.toLowerCase(), other.toLowerCase()];
  return a.includes(b) || b.includes(a);
}

function valuesOf(
  family: Family,
  url: URL,
  openUrl: string,
): readonly (DhcpValue & { readonly outer: number | null })[] {
  const address = openUrl.slice(openUrl.indexOf('://') + 3);
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  const known: Readonly<Record<string, string>> = { url: openUrl, host: url.hostname, port, address };
  const fill = (text: string): string =>
    text.replace(/\{(url|host|port|address)\}/g, (all, name: string) => known[name] ?? all);
  return (family.data.dhcp?.send ?? []).map(({ option, suboption, type, value }) =>
    suboption === undefined
      ? { code: option, outer: null, type, value: fill(value) }
      : { code: suboption, outer: option, type, value: fill(value) },
  );
}

function encapsulate(values: readonly (DhcpValue & { readonly outer: number | null })[]): readonly DhcpOption[] {
  const plain = ({ code, type, value }: DhcpValue): DhcpValue => ({ code, type, value });
  const outers = new Set(values.flatMap(({ outer }) => outer ?? []));
  return [
    ...values.filter(({ outer }) => outer === null).map(plain),
    ...[...outers].map((code) => ({ code, inside: values.filter(({ outer }) => outer === code).map(plain) })),
  ];
}
