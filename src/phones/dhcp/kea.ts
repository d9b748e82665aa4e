import { dhcpBytes, missingNotes } from './bytes.ts';
import type { DhcpOption, DhcpRule } from './rules.ts';

/** A list of client classes for Kea's Dhcp4 (Administrator Reference Manual, Client Classification). */
export function keaSnippet(rules: readonly DhcpRule[]): string {
  const classes = rules.map((rule) => {
    const comments = [rule.title, ...missingNotes(rule.withoutAddress)].map((text) => `  // ${text}\n`).join('');
    const entry = JSON.stringify(
      { name: nameOf(rule.id), test: testOf(rule), 'option-data': rule.options.map(optionData) },
      null,
      2,
    );
    return `${comments}${entry.replace(/^/gm, '  ')}`;
  });
  const head =
    '// Phones, for Kea: put this into the object "Dhcp4"; where there is a list "client-classes", add to it.';
  return `${head}\n"client-classes": [\n${classes.join(',\n')}\n]\n`;
}

function nameOf(id: string): string {
  return `selfprov-${id}`;
}

function testOf({ vendorClasses, macPrefixes, unless }: DhcpRule): string {
  const fits = [
    ...vendorClasses.map((text) => `substring(option[60].hex, 0, ${Buffer.byteLength(text)}) == ${literal(text)}`),
    ...macPrefixes.map((digits) => `substring(hexstring(pkt4.mac, ''), 0, ${digits.length}) == '${digits}'`),
  ];
  const others = unless.map((id) => `not member('${nameOf(id)}') and `);
  return `${others.join('')}(${fits.join(' or ')})`;
}

/** A text in quotes, or as digits where it holds a quote itself. */
function literal(text: string): string {
  return text.includes("'") ? `0x${Buffer.from(text).toString('hex')}` : `'${text}'`;
}

/** Not as CSV, so that no comma and no definition of the option matters. */
function optionData(option: DhcpOption): object {
  const isText = !('inside' in option) && option.type === 'text' && !option.value.includes("'");
  const data = isText ? `'${option.value}'` : dhcpBytes(option).toString('hex');
  return { code: option.code, 'csv-format': false, data };
}
