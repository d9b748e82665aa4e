/**
 * Writes templates/time-zones.json: for each IANA time zone name the rule it follows now, as a POSIX TZ string. The
 * source is the footer of each compiled file of the IANA time zone database (RFC 8536, section 3.3) as the operating
 * system installs it: `npx tsx scripts/makeTimeZones.ts [DIRECTORY]`, by default /usr/share/zoneinfo (Debian: tzdata).
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const directory = process.argv[2] ?? '/usr/share/zoneinfo';

const names = readFileSync(join(directory, 'tzdata.zi'), 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [kind, first, second] = line.split(' ');
    if (kind === 'Z') return first ?? [];
    return kind === 'L' ? (second ?? []) : [];
  })
  .filter((name) => /^[A-Z][A-Za-z]+(?:\/[A-Za-z0-9_+-]+){1,2}$/.test(name) || name === 'UTC')
  .toSorted();

const rules = Object.fromEntries(names.map((name) => [name, posixRule(readFileSync(join(directory, name), 'latin1'))]));
writeFileSync('templates/time-zones.json', `${JSON.stringify(rules, null, 2)}\n`);

/** The last line of a TZif file of version 2 or later. */
function posixRule(content: string): string {
  const footer = /\n([^\n]+)\n$/.exec(content)?.[1];
  if (!content.startsWith('TZif') || footer === undefined) throw new Error('not a TZif file with a footer');
  return footer;
}
