import { dhcpBytes, missingNotes } from './bytes.ts';
import type { DhcpOption, DhcpRule } from './rules.ts';

const HEAD = `# Phones, for RouterOS 7.4 or later: paste this into a terminal.
# A matcher cannot look at the MAC, but at option 61, where most phones repeat it after a byte 01. For phones that send no
# option 61, give their option to a whole network: /ip dhcp-server network set [find] dhcp-option=NAME`;

/** Commands for RouterOS (its manual, DHCP: Options, Option Sets, Generic matcher). */
export function mikrotikSnippet(rules: readonly DhcpRule[]): string {
  return `${[HEAD, ...rules.flatMap(ruleLines)].join('\n')}\n`;
}

function ruleLines(rule: DhcpRule): readonly string[] {
  return [
    '',
    `# ${rule.title}`,
    ...missingNotes(rule.withoutAddress).map((note) => `# ${note}`),
    ...(rule.options.length === 0 ? [] : commands(rule, `selfprov-${rule.id}`)),
  ];
}

function commands(rule: DhcpRule, name: string): readonly string[] {
  const matchers = [
    ...rule.vendorClasses.map((text) => `code=60 matching-type=substring value=${quoted(text)}`),
    // A matcher compares whole bytes: an odd digit is left out, which is a wider fit.
    ...new Set(rule.macPrefixes.map((digits) => `code=61 matching-type=substring value=0x01${evenDigits(digits)}`)),
  ];
  return [
    ...rule.options.map(
      (option) => `/ip dhcp-server option add name=${name}-${option.code} code=${option.code} value=${content(option)}`,
    ),
    `/ip dhcp-server option sets add name=${name} options=${rule.options.map(({ code }) => `${name}-${code}`).join(',')}`,
    ...matchers.map((match, at) => `/ip dhcp-server matcher add name=${name}-${at + 1} ${match} option-set=${name}`),
  ];
}

function evenDigits(digits: string): string {
  return digits.slice(0, digits.length - (digits.length % 2));
}

/** A text is `s'…'`, so that an address in it stays a text. */
function content(option: DhcpOption): string {
  const isText = !('inside' in option) && option.type === 'text' && !option.value.includes("'");
  return isText ? quoted(`s'${option.value}'`) : `0x${dhcpBytes(option).toString('hex')}`;
}

function quoted(text: string): string {
  return `"${text.replace(/["\\$?]/g, '\\$&')}"`;
}
