import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Secret } from '../../domain/secret.ts';
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
  const text = Object.entries(all)
    // Quoted for a shell and for systemd alike.
    .map(([name, value]) => `${name}=${/^[\w./-]*$/.test(value) ? value : `'${value}'`}\n`)
    .join('');
  mkdirSync(dirname(file), { recursive: true, mode: 0o750 });
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text, { mode: 0o600 });
  return passwords;
}
