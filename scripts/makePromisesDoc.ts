/**
 * Writes docs/promises.md from the names of the tests in test/promises: `npx tsx scripts/makePromisesDoc.ts`. A unit test
 * fails when the page is not what this makes.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { packageRoot } from '../src/packageRoot.ts';

export const PROMISES_DOC = join(packageRoot, 'docs/promises.md');

/** In the order of their first numbers, from 0; `file` is of `test/promises/`. */
export const SYSTEMS = [
  { file: 'sipxecs', title: 'sipXecs: a star code', promises: 28 },
  { file: 'wazo', title: 'Wazo: auto-provisioning', promises: 19 },
  { file: 'portabilling', title: 'PortaBilling: an inventory of devices', promises: 15 },
  { file: 'cisco', title: 'Cisco Unified CM: self-provisioning', promises: 29 },
  { file: 'voicestack', title: 'VoiceStack: redirect, boot file, account and buttons', promises: 12 },
] as const;

/** What shows it with a real Asterisk too: number → tests of `test/e2e/`. */
export const SHOWN_BY: Readonly<Record<string, readonly string[]>> = {
  '0.4': ['ways-in'],
  '0.6': ['story', 'families'],
  '0.7': ['linphone', 'tenants'],
  '0.8': ['other-ways'],
  '0.10': ['story', 'families'],
  '0.13': ['families'],
  '0.14': ['story', 'strangers'],
  '0.18': ['story', 'dialplan'],
  '0.19': ['story', 'default-line-credentials', 'emergency-again'],
  '0.20': ['ways-in'],
  '0.21': ['calls', 'dialplan'],
  '0.22': ['trouble'],
  '0.24': ['story'],
  '0.26': ['story', 'behind-one-address'],
  '0.27': ['story', 'families'],
  '0.28': ['story'],
  '1.1': ['families', 'linphone', 'adapter'],
  '1.2': ['families'],
  '1.4': ['families'],
  '1.5': ['families'],
  '1.6': ['other-ways'],
  '1.9': ['other-ways'],
  '1.10': ['ways-in'],
  '1.11': ['story'],
  '1.12': ['story', 'sync'],
  '1.14': ['adapter'],
  '1.17': ['behind-one-address', 'sync'],
  '1.18': ['adapter'],
  '1.19': ['story'],
  '2.1': ['behind-one-address'],
  '2.4': ['families'],
  '2.6': ['families'],
  '2.7': ['families'],
  '2.8': ['other-ways'],
  '2.11': ['behind-one-address'],
  '2.13': ['adapter'],
  '3.1': ['story'],
  '3.2': ['ways-in'],
  '3.3': ['story', 'calls'],
  '3.5': ['ways-in'],
  '3.6': ['tls'],
  '3.8': ['ways-in'],
  '3.9': ['ways-in'],
  '3.11': ['ways-in'],
  '3.12': ['ways-in'],
  '3.16': ['ways-in'],
  '3.19': ['ways-in', 'dialplan'],
  '3.21': ['private-asterisk', 'calls'],
  '3.22': ['tenants'],
  '3.23': ['ari', 'ami'],
  '3.24': ['ways-in'],
  '3.25': ['ways-in'],
  '3.27': ['ways-in'],
  '4.4': ['families'],
  '4.7': ['families'],
  '4.8': ['ways-in'],
  '4.9': ['families'],
  '4.12': ['story', 'families'],
};

/** What a promise that cannot be shown yet waits for. The only reason for a test without a body is an API or a page. */
export const WAITS_FOR: Readonly<Record<string, string>> = {};

export interface Promised {
  readonly number: string;
  readonly words: string;
  readonly file: string;
  readonly isPending: boolean;
}

const TEST = /^ {2,}it\(\s*(?<quote>['"`])(?<number>\d\.\d+) (?<words>.+?)\k<quote>(?<after>,?\s*\)|,)/gm;

/** Every promise that has a test, as it stands in the files. */
export function promised(): readonly Promised[] {
  return SYSTEMS.flatMap(({ file }) => {
    const text = readFileSync(join(packageRoot, `test/promises/${file}.test.ts`), 'utf8');
    return [...text.matchAll(TEST)].map(({ groups: { number = '', words = '', after = '' } = {} }) => ({
      ...{ number, words, file },
      isPending: after.includes(')'),
    }));
  });
}

/** The page as it shall stand in the repository. */
export async function promisesDoc(): Promise<string> {
  const all = promised();
  const pending = all.filter(({ isPending }) => isPending).length;
  const tables = SYSTEMS.map(({ file, title }) => `## ${title}\n\n${table(all.filter((each) => each.file === file))}`);
  const text = `# Promises

Five published systems for setting up phones say what theirs can do. This is each of their promises in our words, and what shows that it
holds here: ${all.length - pending} of ${all.length} do. A test whose name begins with the number plays it against the real database, files,
command and calls, with a registrar that keeps Asterisk's contract; those of \`test/e2e\` play it with a real Asterisk.

Made from the names of the tests by \`npx tsx scripts/makePromisesDoc.ts\`; do not edit.

${tables.join('\n\n')}
`;
  return format(text, { ...(await resolveConfig(PROMISES_DOC)), parser: 'markdown' });
}

function table(promises: readonly Promised[]): string {
  const rows = promises.map(({ number, words, file, isPending }) => {
    const tests = [`promises/${file}`, ...(SHOWN_BY[number] ?? []).map((name) => `e2e/${name}`)].map(link).join(', ');
    return `| ${number} | ${words.replaceAll('|', '\\|')} | ${isPending ? `waits for ${WAITS_FOR[number]}` : tests} |`;
  });
  return ['| | Promise | Held by |', '| --- | --- | --- |', ...rows].join('\n');
}

function link(test: string): string {
  return `[${test}](../test/${test}.test.ts)`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(PROMISES_DOC, await promisesDoc());
