import { missingNotes, wholeBytes } from './bytes.ts';
import type { DhcpRule, DhcpValue } from './rules.ts';

/** Lines for dnsmasq (its manual page: dhcp-vendorclass, dhcp-mac, dhcp-option). */
export function dnsmasqSnippet(rules: readonly DhcpRule[]): string {
  const lines = ['# Phones, for dnsmasq: put this into a file of /etc/dnsmasq.d/.', ...rules.flatMap(ruleLines)];
  return `${lines.join('\n')}\n`;
}

function ruleLines({ id, title, vendorClasses, macPrefixes, options, unless, withoutAddress }: DhcpRule): string[] {
  const tag = `selfprov-${id}`;
  const when = [`tag:${tag}`, ...unless.map((other) => `tag:!selfprov-${other}`)].join(',');
  return [
    '',
    `# ${title}`,
    ...missingNotes(withoutAddress).map((note) => `# ${note}`),
    ...vendorClasses.map((text) => `dhcp-vendorclass=set:${tag},${quoted(text)}`),
    ...macPrefixes.flatMap(wholeBytes).map((bytes) => `dhcp-mac=set:${tag},${withWildcards(bytes)}`),
    ...options.flatMap((option) =>
      'inside' in option
        ? option.inside.map((value) => `dhcp-option=${when},${encapsulated(option.code)},${content(value)}`)
        : [`dhcp-option=${when},${content(option)}`],
    ),
  ];
}

/** Option 43 has a word of its own; without a class after the colon it goes to every phone with the tag. */
function encapsulated(code: number): string {
  return code === 43 ? 'vendor:' : `encap:${code}`;
}

function content({ code, type, value }: DhcpValue): string {
  return `${code},${type === 'ip' ? value : quoted(value)}`;
}

function withWildcards(bytes: string): string {
  return [...bytes.split(':'), '*', '*', '*', '*', '*', '*'].slice(0, 6).join(':');
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
