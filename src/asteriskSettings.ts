import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { showTenant } from './administration/tenants.ts';
import {
  ADOPTED,
  includeLines,
  renderAsteriskFiles,
  writeAsteriskFiles,
  type AsteriskSettings,
} from './asterisk/configFiles/asteriskFiles.ts';
import { adoptedFile, type AdoptedEndpoint } from './asterisk/configFiles/adopted.ts';
import { numberPatterns } from './asterisk/configFiles/numberPatterns.ts';
import { makePasswords, type Passwords } from './asterisk/configFiles/passwords.ts';
import type { Peer } from './asterisk/configFiles/peers.ts';
import type { PrivateTenantSettings } from './asterisk/private/privateConfig.ts';
import type { WrittenFiles } from './cli/asteriskFiles.ts';
import type { AsteriskPlace, Config } from './config.ts';
import { USUAL_CONFIG } from './configFile.ts';
import { openCore } from './core.ts';
import { AT_FIRST_START, saidTooLate } from './firstStart.ts';
import { usersContextOf } from './domain/levels.ts';
import type { Store } from './domain/ports.ts';
import { contextsOf, DEFAULT_TENANT, policyOf, type Tenant } from './domain/tenant.ts';
import { packageRoot } from './packageRoot.ts';
import { randomSecret } from './secrets/generate.ts';

/** Settings beside the files, where nobody says where else. */
export const SETTINGS = 'selfprov.env';

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
    return {
      apps: config.apps,
      realm: first.realm,
      warnings: saidTooLate(config, first),
      tenants: (await core.store.tenants()).map(tenantSettings),
      emergencyContext: config.emergencyContext,
      calls: config.calls.inAll,
      callsPerAddress: config.calls.perAddress,
      database: config.asteriskDatabase,
      ...httpPlaceOf(ariUrl),
      ariUser: config.ari.user,
      ariPassword: passwords.ari,
      amiUser: config.ami.user,
      amiPassword: passwords.ami,
      amiClients: config.amiClients,
      peers: name === null ? null : { name, others: peersOf(config, name) },
      adopted: await adoptedIn(core.store),
    };
  } finally {
    await core.close();
  }
}

/** Of Asterisk's HTTP server. */
export function httpPlaceOf(ariUrl: string): Pick<AsteriskSettings, 'httpAddress' | 'httpPort'> {
  const { hostname, port } = new URL(ariUrl);
  return { httpAddress: hostname.replace(/^\[|\]$/g, ''), httpPort: Number(port) || 80 };
}

/** Endpoints of the administrator's own that have slots for phones. */
export async function adoptedIn(store: Store): Promise<readonly AdoptedEndpoint[]> {
  const all: AdoptedEndpoint[] = [];
  for (const { id, realm } of await store.tenants())
    for (const { endpoint: name, adoption } of await store.users(id))
      if (adoption?.kind === 'slots') all.push({ name, realm, auths: adoption.auths, slots: adoption.slots });
  return all;
}

function peersOf({ asterisks }: Config, own: string): readonly Peer[] {
  return asterisks.flatMap(({ name, sipAddress }) =>
    name === null || name === own ? [] : { name, address: sipAddress },
  );
}

function tenantSettings(tenant: Tenant): PrivateTenantSettings {
  const { id, extension, releaseExtension, numberExtension, emergencyNumbers, endpointPattern } = tenant;
  const { defaultNumbers: range } = policyOf(tenant);
  return {
    ...{ id, extension, releaseExtension, numberExtension, emergencyNumbers, endpointPattern },
    contexts: contextsOf(tenant),
    defaultNumbers: range === null ? [] : numberPatterns(range.from, range.to),
    usersContext: usersContextOf(tenant),
  };
}

/**
 * Writes the files that an existing Asterisk includes, and the settings into `settingsFile` unless `SELFPROV_CONFIG` names one.
 * `site`: what of it stands in the administrator's own files already.
 */
export async function writeFilesForAsterisk(
  config: Config,
  directory: string,
  settingsFile = join(resolve(directory), SETTINGS),
  site: Pick<AsteriskSettings, 'hasOutboundEndpoint'> = {},
): Promise<WrittenFiles> {
  const target = resolve(directory);
  const environmentFile = config.said['SELFPROV_CONFIG'] ?? settingsFile;
  // What the first start writes down leaves the file of settings only when it is in the database.
  await (await openCore(config)).close();
  const passwords = makePasswords(
    { ari: config.ari.password, ami: config.ami.password },
    environmentFile,
    settingsOf(config, target),
  );
  const asterisks: WrittenFiles['asterisks'][number][] = [];
  for (const place of config.asterisks) {
    const folder = place.name === null ? target : join(target, place.name);
    const files = renderAsteriskFiles(
      join(packageRoot, 'dialplan'),
      { ...(await asteriskSettings(config, passwords, place)), ...site },
      undefined,
      folder,
    );
    await writeAsteriskFiles(folder, files);
    const include = includeLines(folder, config.asteriskDatabase);
    asterisks.push({ name: place.name, directory: folder, files: [...files.keys()], include });
  }
  const settings = await asteriskSettings(config, passwords);
  return {
    asterisks,
    environmentFile,
    isUsualFile: environmentFile === USUAL_CONFIG,
    database: settings.database,
    emergency: settings.tenants.map(({ id, emergencyNumbers }) => ({ tenant: id, numbers: emergencyNumbers })),
    emergencyContext: settings.emergencyContext,
    warnings: settings.warnings,
  };
}

/** Whether the dialplan in Asterisk's files, our own one's or those of an existing one, is what would be written there now. */
export async function isDialplanWritten(config: Config): Promise<boolean> {
  const { asteriskFiles, asterisks, directory } = config;
  const own = asteriskFiles ?? join(directory, 'asterisk/etc/selfprov');
  // Of no matter to a dialplan.
  const passwords = { ari: randomSecret(24), ami: randomSecret(24) };
  for (const place of asterisks) {
    const file = join(own, place.name ?? '', DIALPLAN);
    const settings = await asteriskSettings(config, passwords, place);
    const wanted = renderAsteriskFiles(join(packageRoot, 'dialplan'), settings).get(DIALPLAN);
    if (!existsSync(file) || readFileSync(file, 'utf8') !== wanted) return false;
  }
  return true;
}

const DIALPLAN = 'extensions.conf';

/**
 * Writes what adopted endpoints have, for each Asterisk, and resolves with the files; with none where nobody has said where an
 * existing Asterisk's files are.
 */
export async function writeAdopted({ asteriskFiles, asterisks }: Config, store: Store): Promise<readonly string[]> {
  if (asteriskFiles === undefined) return [];
  const text = adoptedFile(await adoptedIn(store));
  const folders = asterisks.map(({ name }) => (name === null ? asteriskFiles : join(asteriskFiles, name)));
  for (const folder of folders) await writeAsteriskFiles(folder, new Map([[ADOPTED, text]]));
  return folders.map((folder) => join(folder, ADOPTED));
}

/**
 * What server and commands must be told alike: all that is set, passwords apart, and where things are. What the first start has
 * written down is in the database.
 */
function settingsOf(config: Config, asteriskFiles: string): Readonly<Record<string, string>> {
  const {
    directory,
    database,
    asteriskDatabase,
    siteKey,
    ownTemplates,
    ownFiles,
    logs,
    said,
    emergencyContext,
    asterisks,
  } = config;
  const rest = Object.entries(said).filter(([name]) => !AT_FIRST_START.has(name) && name !== 'SELFPROV_CONFIG');
  const path = (name: string, value: string | undefined): Readonly<Record<string, string>> =>
    name in said && value !== undefined ? { [name]: value } : {};
  const [{ ariUrl, amiHost, amiPort }, ...others] = asterisks;
  return {
    ...Object.fromEntries(rest),
    SELFPROV_DIR: directory,
    ...('file' in database
      ? path('SELFPROV_DATABASE', database.file)
      : { SELFPROV_DATABASE_URL: database.url.reveal() }),
    ...('url' in asteriskDatabase && asteriskDatabase !== database
      ? { SELFPROV_ASTERISK_DATABASE_URL: asteriskDatabase.url.reveal() }
      : {}),
    ...path('SELFPROV_SITE_KEY', siteKey),
    ...path('SELFPROV_TEMPLATES', ownTemplates),
    ...path('SELFPROV_FILES', ownFiles),
    ...path('SELFPROV_LOGS', logs),
    SELFPROV_EMERGENCY_CONTEXT: emergencyContext,
    SELFPROV_ASTERISK_FILES: asteriskFiles,
    ...(others.length > 0
      ? {}
      : { SELFPROV_ARI_URL: ariUrl, SELFPROV_AMI_HOST: amiHost, SELFPROV_AMI_PORT: String(amiPort) }),
  };
}
