import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import {
  includeLines,
  renderAsteriskFiles,
  writeAsteriskFiles,
  type AsteriskSettings,
} from './asterisk/files/asteriskFiles.ts';
import { openCore } from './app.ts';
import type { Config } from './config.ts';
import { Secret } from './domain/secret.ts';
import { DEFAULT_TENANT } from './domain/tenant.ts';
import { orNotFound } from './domain/orNotFound.ts';
import { packageRoot } from './packageRoot.ts';
import { randomSecret } from './secrets/secrets.ts';

/** What Asterisk must know of this selfprov: settings, the tenant's numbers, and the passwords given. */
export async function asteriskSettings(
  config: Config,
  passwords: Passwords,
): Promise<AsteriskSettings & { readonly realm: string }> {
  const core = await openCore(config);
  try {
    const tenant = orNotFound(await core.store.tenant(DEFAULT_TENANT), 'tenant');
    const ari = new URL(config.ari.url);
    return {
      app: config.ari.app,
      extension: tenant.extension,
      releaseExtension: tenant.releaseExtension,
      emergencyNumbers: tenant.emergencyNumbers,
      emergencyContext: config.emergencyContext,
      databaseFile: config.database,
      httpAddress: ari.hostname.replace(/^\[|\]$/g, ''),
      httpPort: Number(ari.port) || 80,
      ariUser: config.ari.user,
      ariPassword: passwords.ari,
      amiUser: config.ami.user,
      amiPassword: passwords.ami,
      amiClient: '127.0.0.1',
      realm: tenant.realm,
    };
  } finally {
    await core.close();
  }
}

export interface Passwords {
  readonly ari: Secret;
  readonly ami: Secret;
}

/**
 * selfprov's passwords at Asterisk: those of the environment, else those of `file`, which is made when missing. The file
 * has the form of an environment file, readable by its owner only.
 */
export function asteriskPasswords(config: Config, file: string): Passwords {
  const kept = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const password = (name: string, given: string | undefined): Secret => {
    const known = given ?? new RegExp(`^${name}=(.+)$`, 'm').exec(kept)?.[1];
    return known === undefined ? randomSecret(24) : new Secret(known);
  };
  const ari = password('SELFPROV_ARI_PASSWORD', config.ari.password);
  const ami = password('SELFPROV_AMI_PASSWORD', config.ami.password);
  const text = `SELFPROV_ARI_PASSWORD=${ari.reveal()}\nSELFPROV_AMI_PASSWORD=${ami.reveal()}\n`;
  mkdirSync(dirname(file), { recursive: true, mode: 0o750 });
  if (text !== kept) writeFileSync(file, text, { mode: 0o600 });
  return { ari, ami };
}

/** Writes the files that an existing Asterisk includes; resolves with the lines that include them. */
export async function writeAsteriskSnippets(
  config: Config,
  directory: string,
): Promise<{ readonly data: unknown; readonly text: string }> {
  const target = resolve(directory);
  const environmentFile = join(target, 'selfprov.env');
  const passwords = asteriskPasswords(config, environmentFile);
  const files = renderAsteriskFiles(join(packageRoot, 'dialplan'), await asteriskSettings(config, passwords));
  await writeAsteriskFiles(target, files);
  const lines = includeLines(target);
  const text = [
    `Wrote ${[...files.keys()].join(', ')} to ${target}.`,
    '',
    "Add these lines to your Asterisk's own files:",
    '',
    ...lines.map(({ file, section, line }) => `  ${file.padEnd(24)}${section === null ? '' : `[${section}]  `}${line}`),
    `  ${'extensions.conf'.padEnd(24)}in the context of your users:  include => selfprov-users`,
    '',
    'Let Asterisk read and write the database:',
    '',
    `  ${config.database}`,
    '',
    'Then restart Asterisk, and start selfprov with the passwords that were made:',
    '',
    `  set -a; . ${environmentFile}; set +a; selfprov serve`,
  ].join('\n');
  return { data: { directory: target, files: [...files.keys()], include: lines, environmentFile }, text };
}
