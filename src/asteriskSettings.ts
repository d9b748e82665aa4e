import { join, resolve } from 'node:path';
import { showTenant } from './administration/tenants.ts';
import { openCore } from './core.ts';
import {
  includeLines,
  renderAsteriskFiles,
  writeAsteriskFiles,
  type AsteriskSettings,
} from './asterisk/configFiles/asteriskFiles.ts';
import { makePasswords, type Passwords } from './asterisk/configFiles/passwords.ts';
import type { WrittenFiles } from './cli/asteriskFiles.ts';
import type { Config } from './config.ts';
import { DEFAULT_TENANT } from './domain/tenant.ts';
import { packageRoot } from './packageRoot.ts';

/** What Asterisk must know of this selfprov: settings, the tenant's numbers, and the passwords given. */
export async function asteriskSettings(
  config: Config,
  passwords: Passwords,
): Promise<AsteriskSettings & { readonly realm: string }> {
  const core = await openCore(config);
  try {
    const { extension, releaseExtension, emergencyNumbers, realm } = await showTenant(core, DEFAULT_TENANT);
    const ari = new URL(config.ari.url);
    return {
      app: config.ari.app,
      ...{ extension, releaseExtension, emergencyNumbers, realm },
      emergencyContext: config.emergencyContext,
      calls: config.calls.inAll,
      callsPerAddress: config.calls.perAddress,
      databaseFile: config.database,
      httpAddress: ari.hostname.replace(/^\[|\]$/g, ''),
      httpPort: Number(ari.port) || 80,
      ariUser: config.ari.user,
      ariPassword: passwords.ari,
      amiUser: config.ami.user,
      amiPassword: passwords.ami,
      amiClient: '127.0.0.1',
    };
  } finally {
    await core.close();
  }
}

/** Writes the files that an existing Asterisk includes. */
export async function writeFilesForAsterisk(config: Config, directory: string): Promise<WrittenFiles> {
  const target = resolve(directory);
  const environmentFile = join(target, 'selfprov.env');
  const passwords = makePasswords({ ari: config.ari.password, ami: config.ami.password }, environmentFile);
  const files = renderAsteriskFiles(join(packageRoot, 'dialplan'), await asteriskSettings(config, passwords));
  await writeAsteriskFiles(target, files);
  return {
    directory: target,
    files: [...files.keys()],
    include: includeLines(target),
    environmentFile,
    database: config.database,
  };
}
