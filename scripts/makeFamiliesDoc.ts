/**
 * Writes docs/families.md from templates/: `npx tsx scripts/makeFamiliesDoc.ts`. A unit test fails when the page is not
 * what this makes; run it after every change of a family.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { packageRoot } from '../src/packageRoot.ts';
import type { Families, Family } from '../src/phones/family/family.ts';
import { loadFamilies } from '../src/phones/catalog/loadFamilies.ts';

export const FAMILIES_DOC = join(packageRoot, 'docs/families.md');

const WORDS = { yes: 'yes', no: 'left out', unverified: 'unverified' } as const;
const PROOFS = { token_url: 'token', http_credentials: 'credentials', client_certificate: 'certificate' } as const;
const ORDER = ['boot', 'common', 'device'] as const;

/** The page as it shall stand in the repository. */
export async function familiesDoc(families: Families): Promise<string> {
  const all = families.all.toSorted((one, other) => one.id.localeCompare(other.id));
  const served = all.filter(({ files }) => files.size > 0);
  const text = `# Families

Made from \`templates/\` by \`npx tsx scripts/makeFamiliesDoc.ts\`; do not edit. How a family is added: [add-a-family.md](add-a-family.md).
Every fact's source, and what nobody could verify on a phone, is in the README of the family. _Unverified_: written as the sources have it, not
confirmed by a second one. _Left out_: these phones or their files cannot do it, or it is not known how; it is never written wrongly.

${table(
  ['Family', 'Boot chain', 'Accounts', 'Ports', 'Keys', 'Time zone', 'TLS / SRTP / CA', 'NOTIFY', 'Proof'],
  served.map((family) => row(family)),
)}

- Boot chain: what is asked for in this order; \`{code}\` is the model's number.
- Accounts: how many lines are written, at most.
- Ports: how many users one device is for at most; each sets up a port of an adapter, or a handset of a base, for itself.
- CA: whether the file can name an authority for the certificate of the SIP server. The others need one that their maker knows: see
  [operate.md](operate.md#tls-and-encrypted-sound).
- NOTIFY: what makes the phone fetch; and what makes it restart.
- Proof: what shows later that a request comes from the phone. The window of a hand-over serves every phone.

## What is left out

${served.map(leftOut).join('\n\n')}

## Only recognised

These are told from one another and shown in the inventory; there are no files for them.

${table(
  ['Family', 'Phones'],
  all.filter(({ files }) => files.size === 0).map(({ id, data }) => [link(id), data.title]),
)}
`;
  return format(text, { ...(await resolveConfig(FAMILIES_DOC)), parser: 'markdown' });
}

function row(family: Family): readonly string[] {
  const { abilities, notify } = family.data;
  const word = (ability: keyof typeof abilities): string => WORDS[abilities[ability] ?? 'no'];
  const [fetch, reboot] = [notification(notify?.fetch), notification(notify?.reboot)];
  const restarts = abilities.fetch_without_reboot === 'no' ? ' (fetches only when it restarts)' : '';
  return [
    link(family.id),
    bootChain(family),
    abilities.accounts === 'no' ? WORDS.no : String(mostLines(family)),
    String(mostPorts(family)),
    word('keys'),
    word('time_zone'),
    `${word('tls')} / ${word('srtp')} / ${word('authority')}`,
    `${fetch === reboot ? fetch : `${fetch}; ${reboot}`}${restarts}`,
    proof(abilities),
  ];
}

function notification(data: NonNullable<Family['data']['notify']>['fetch'] | undefined): string {
  const inBody = data?.body == null ? '' : ` (${code(data.body.split(/\r?\n/, 1)[0] ?? '')} …)`;
  return `${code(data?.event ?? '')}${inBody}`;
}

function bootChain({ data }: Family): string {
  const names = ORDER.flatMap((role) => data.files.filter((file) => file.role === role).map(({ name }) => code(name)));
  return names.join(' → ');
}

function mostPorts({ models }: Family): number {
  return Math.max(...[null, ...models.names].map((name) => models.get(name).ports));
}

function mostLines({ data, models }: Family): number {
  const most = Math.max(...[null, ...models.names].map((name) => models.get(name).lines));
  return data.fields.lines.length === 0 ? most : Math.min(most, data.fields.lines.length);
}

function proof(abilities: Family['data']['abilities']): string {
  const known = Object.entries(PROOFS).flatMap(([ability, name]) => {
    const fact = abilities[ability as keyof typeof PROOFS] ?? 'no';
    return fact === 'no' ? [] : fact === 'yes' ? [name] : [`${name} (unverified)`];
  });
  return known.join(', ') || 'the window alone';
}

function leftOut({ id, data }: Family): string {
  const points = data.left_out.map((point) => `- ${point}`).join('\n');
  return `### ${data.title} (\`${id}\`)\n\n${points || '- Nothing that is known.'}`;
}

function link(id: string): string {
  return `[${id}](../templates/${id}/README.md)`;
}

function code(text: string): string {
  return `\`${text}\``;
}

function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [headings, headings.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`).join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(FAMILIES_DOC, await familiesDoc(loadFamilies([join(packageRoot, 'templates')])));
}
