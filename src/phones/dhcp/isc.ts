import { dhcpBytes, missingNotes, wholeBytes } from './bytes.ts';
import type { DhcpOption, DhcpRule } from './rules.ts';

/** What dhcpd knows by name (dhcp-options(5)); others are defined in the snippet. */
const NAMES: ReadonlyMap<number, string> = new Map([
  [43, 'vendor-encapsulated-options'],
  [66, 'tftp-server-name'],
  [67, 'bootfile-name'],
  [114, 'default-url'],
]);

/** Statements for the global scope of ISC dhcpd's dhcpd.conf (dhcp-eval(5), dhcp-options(5)). */
export function iscSnippet(rules: readonly DhcpRule[]): string {
  const unknown = [...new Set(rules.flatMap(({ options }) => options.map(({ code }) => code)))]
    .filter((code) => !NAMES.has(code))
    .toSorted((one, other) => one - other);
  const branches = rules.map((rule, at) => {
    const notes = [rule.title, ...missingNotes(rule.withoutAddress)].map((note) => `  # ${note}\n`).join('');
    const options = rule.options.map((option) => `  option ${nameOf(option.code)} ${content(option)};\n`).join('');
    return `${at === 0 ? 'if' : ' elsif'} ${conditionOf(rule)} {\n${notes}${options}}`;
  });
  const lines = [
    '# Phones, for ISC dhcpd: put this into dhcpd.conf, outside of subnets and groups.',
    ...unknown.map((code) => `option ${nameOf(code)} code ${code} = string;`),
    branches.join(''),
  ];
  return `${lines.join('\n')}\n`;
}

function nameOf(code: number): string {
  return NAMES.get(code) ?? `selfprov-${code}`;
}

/** The first branch that fits is taken: earlier rules need not be excluded. */
function conditionOf({ vendorClasses, macPrefixes }: DhcpRule): string {
  const fits = [
    ...vendorClasses.map(
      (text) => `substring(option vendor-class-identifier, 0, ${Buffer.byteLength(text)}) = ${quoted(text)}`,
    ),
    ...macPrefixes.flatMap(wholeBytes).map((bytes) => `substring(hardware, 1, ${bytes.split(':').length}) = ${bytes}`),
  ];
  return fits.join('\n   or ');
}

function content(option: DhcpOption): string {
  if (!('inside' in option) && option.type === 'text') return quoted(option.value);
  return dhcpBytes(option)
    .toString('hex')
    .replace(/(..)(?=.)/g, '$1:');
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
