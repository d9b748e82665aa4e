import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { Secret } from '../../domain/secret.ts';
import { replaceFile } from './replaceFile.ts';
import { SelfprovError } from '../../domain/errors.ts';
import { makeFolder } from '../../makeFolder.ts';
import { randomSecret } from '../../secrets/generate.ts';

/** selfprov's passwords at Asterisk. */
export interface Passwords {
  readonly ari: Secret;
  readonly ami: Secret;
}

/** What the environment says of them. */
export interface GivenPasswords {
  readonly ari: string | undefined;
  readonly ami: string | undefined;
}

const NAMES = { ari: 'SELFPROV_ARI_PASSWORD', ami: 'SELFPROV_AMI_PASSWORD' } as const;

/** Those that are given, else those that stand in `file`; a missing one is missing. */
export function knownPasswords(given: GivenPasswords, file: string): Partial<Passwords> {
  const kept = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const known = (name: keyof Passwords): Partial<Passwords> => {
    const text = given[name] ?? new RegExp(`^${NAMES[name]}=(.+)$`, 'm').exec(kept)?.[1];
    return text === undefined ? {} : { [name]: new Secret(text) };
  };
  return { ...known('ari'), ...known('ami') };
}

/**
 * The same, with new ones where they are missing, written to `file` beside `more` settings: it has the form of an
 * environment file, readable by its owner only.
 */
export function makePasswords(
  given: GivenPasswords,
  file: string,
  more: Readonly<Record<string, string>> = {},
): Passwords {
  const passwords: Passwords = { ari: randomSecret(24), ami: randomSecret(24), ...knownPasswords(given, file) };
  const all = { ...more, [NAMES.ari]: passwords.ari.reveal(), [NAMES.ami]: passwords.ami.reveal() };
  const text = withSettings(existsSync(file) ? readFileSync(file, 'utf8') : '', all);
  makeFolder(dirname(file), 0o750);
  const isSame = existsSync(file) && readFileSync(file, 'utf8') === text && (statSync(file).mode & 0o037) === 0;
  if (!isSame) replaceFile(file, text, { mode: 0o600 });
  return passwords;
}

/** What stood there stays: comments, the order. A setting that is none any more becomes a comment. */
function withSettings(before: string, all: Readonly<Record<string, string>>): string {
  const left = new Map(Object.entries(all));
  const lines = before.split('\n').map((line) => {
    const name = /^\s*(SELFPROV_\w+)=/.exec(line)?.[1];
    if (name === undefined) return line;
    const value = left.get(name);
    left.delete(name);
    return value === undefined
      ? `# In the database since, see "selfprov tenant show": ${line.trim()}`
      : settingLine(name, value);
  });
  const text = lines.join('\n');
  const added = [...left].map(([name, value]) => `${settingLine(name, value)}\n`).join('');
  return text === '' || text.endsWith('\n') ? text + added : `${text}\n${added}`;
}

/** Quoted for a shell and for systemd alike. Throws `invalid` for what neither reads. */
function settingLine(name: string, value: string): string {
  if (/^[\w./-]*$/.test(value)) return `${name}=${value}`;
  if (!/['\n]/.test(value)) return `${name}='${value}'`;
  if (!/["\\$`\n]/.test(value)) return `${name}="${value}"`;
  throw new SelfprovError(
    'invalid',
    `${name} cannot be kept in a file of settings: it has quotes of both kinds in it, or a line end`,
  );
}
