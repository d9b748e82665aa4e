import { join, resolve } from 'node:path';
import { showTenant } from './administration/tenants.ts';
import {
  includeLines,
  renderAsteriskFiles,
  writeAsteriskFiles,
  type AsteriskSettings,
} from './asterisk/configFiles/asteriskFiles.ts';
import { numberPatterns } from './asterisk/configFiles/numberPatterns.ts';
import { makePasswords, type Passwords } from './asterisk/configFiles/passwords.ts';
import type { Peer } from './asterisk/configFiles/peers.ts';
import type { PrivateTenantSettings } from './asterisk/private/privateConfig.ts';
import type { WrittenFiles } from './cli/asteriskFiles.ts';
import type { AsteriskPlace, Config } from './config.ts';
import { openCore } from './core.ts';
import { saidTooLate } from './firstStart.ts';
import { PLAIN_LINE } from './domain/lineSettings.ts';
import { contextsOf, DEFAULT_TENANT, policyOf, type Tenant } from './domain/tenant.ts';
import { packageRoot } from './packageRoot.ts';

/** What Asterisk must know of this selfprov: settings, the tenants' numbers, and the passwords given. */
export async function asteriskSettings(
  config: Config,
  passwords: Passwords,
  { name, ariUrl }: AsteriskPlace = config.asterisks[0],
): Promise<
  AsteriskSettings & {
    readonly realm: string;
    readonly tenants: readonly PrivateTenantSettings[];
    /** What was said in vain. */
    readonly warnings: readonly string[];
  }
> {
  const core = await openCore(config);
  try {
    const first = await showTenant(core, DEFAULT_TENANT);
    const ari = new URL(ariUrl);
    return {
      apps: config.apps,
      realm: first.realm,
      warnings: saidTooLate(config, first),
      tenants: (await core.store.tenants()).map(tenantSettings),
      emergencyContext: config.emergencyContext,
      calls: config.calls.inAll,
      callsPerAddress: config.calls.perAddress,
      database: config.asteriskDatabase,
      httpAddress: ari.hostname.replace(/^\[|\]$/g, ''),
      httpPort: Number(ari.port) || 80,
      ariUser: config.ari.user,
      ariPassword: passwords.ari,
      amiUser: config.ami.user,
      amiPassword: passwords.ami,
      amiClients: config.amiClients,
      peers: name === null ? null : { name, others: peersOf(config, name) },
    };
  } finally {
    await core.close();
  }
}

function peersOf({ asterisks }: Config, own: string): readonly Peer[] {
  return asterisks.flatMap(({ name, sipAddress }) =>
    name === null || name === own ? [] : { name, address: sipAddress },
  );
}

function tenantSettings(tenant: Tenant): PrivateTenantSettings {
  const { id, extension, releaseExtension, numberExtension, emergencyNumbers, endpointPattern, lineSays } = tenant;
  const { defaultNumbers: range } = policyOf(tenant);
  return {
    ...{ id, extension, releaseExtension, numberExtension, emergencyNumbers, endpointPattern },
    contexts: contextsOf(tenant),
    defaultNumbers: range === null ? [] : numberPatterns(range.from, range.to),
    usersContext: lineSays.context ?? PLAIN_LINE.context,
  };
}

/** Writes the files that an existing Asterisk includes. */
export async function writeFilesForAsterisk(config: Config, directory: string): Promise<WrittenFiles> {
  const target = resolve(directory);
  const environmentFile = join(target, 'selfprov.env');
  const passwords = makePasswords(
    { ari: config.ari.password, ami: config.ami.password },
    environmentFile,
    placesOf(config),
  );
  const asterisks: WrittenFiles['asterisks'][number][] = [];
  for (const place of config.asterisks) {
    const folder = place.name === null ? target : join(target, place.name);
    const files = renderAsteriskFiles(join(packageRoot, 'dialplan'), await asteriskSettings(config, passwords, place));
    await writeAsteriskFiles(folder, files);
    const include = includeLines(folder, config.asteriskDatabase);
    asterisks.push({ name: place.name, directory: folder, files: [...files.keys()], include });
  }
  const settings = await asteriskSettings(config, passwords);
  return {
    asterisks,
    environmentFile,
    database: settings.database,
    emergency: settings.tenants.map(({ id, emergencyNumbers }) => ({ tenant: id, numbers: emergencyNumbers })),
    emergencyContext: settings.emergencyContext,
    warnings: settings.warnings,
  };
}

/** What has to be the same whenever these files are written, and for whatever works on the database that they name. */
function placesOf(config: Config): Readonly<Record<string, string>> {
  const { directory, database, asteriskDatabase, siteKey, emergencyContext, given } = config;
  return {
    SELFPROV_DIR: directory,
    ...('file' in database && given.includes('SELFPROV_DATABASE') ? { SELFPROV_DATABASE: database.file } : {}),
    ...('url' in database ? { SELFPROV_DATABASE_URL: database.url.reveal() } : {}),
    ...('url' in asteriskDatabase && asteriskDatabase !== database
      ? { SELFPROV_ASTERISK_DATABASE_URL: asteriskDatabase.url.reveal() }
      : {}),
    ...(given.includes('SELFPROV_SITE_KEY') ? { SELFPROV_SITE_KEY: siteKey } : {}),
    SELFPROV_EMERGENCY_CONTEXT: emergencyContext,
  };
}
