import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../../makeFolder.ts';
import { renderAsteriskFiles, writeAsteriskFiles } from '../configFiles/asteriskFiles.ts';
import type { AsteriskSettings, TenantSettings } from '../configFiles/asteriskFiles.ts';
import { fillTemplate } from '../configFiles/fillTemplate.ts';
import * as rules from '../configFiles/checkedValues.ts';
import { checked, checkedAddress, checkedPort } from '../configFiles/checkedValues.ts';
import type { AsteriskInstallation } from './findAsterisk.ts';

/** Of each tenant, where its users' calls start, and what its endpoints are called. */
export interface PrivateTenantSettings extends TenantSettings {
  readonly usersContext: string;
  /** With `{extension}` in it. */
  readonly endpointPattern: string;
}

/** What a private Asterisk needs besides the settings that every Asterisk needs. */
export interface PrivateAsteriskSettings extends AsteriskSettings {
  readonly sipAddress: string;
  /** UDP and TCP. */
  readonly sipPort: number;
  readonly tlsPort: number;
  /** Absolute paths of what it shows over TLS. */
  readonly tls: { readonly certificate: string; readonly key: string };
  readonly amiAddress: string;
  readonly amiPort: number;
  readonly rtpFirst: number;
  readonly rtpLast: number;
  readonly tenants: readonly PrivateTenantSettings[];
  /** Put into every challenge for a name that does not exist: the same one as in the accounts. */
  readonly realm: string;
}

/** Where a private Asterisk is kept and what it is made of. Paths are absolute. */
export interface PrivateAsteriskPlace {
  /** Everything it writes but its logs is in here: configuration, its own database of registrations. */
  readonly directory: string;
  readonly logs: string;
  /** For its control socket, whose path must stay below 108 characters. */
  readonly run: string;
  /** The product's `dialplan` folder. */
  readonly templates: string;
  /** The product's `sounds` folder: `<language>/` of it is played as `selfprov/<prompt>`. */
  readonly sounds: string;
}

const privateFiles = [
  'asterisk.conf',
  'modules.conf',
  'logger.conf',
  'rtp.conf',
  'pjsip.conf',
  'extensions.conf',
  'sorcery.conf',
  'extconfig.conf',
  'http.conf',
  'ari.conf',
  'manager.conf',
];
/** Which file includes our settings of the database, and which modules read it. */
const sqliteParts = { file: 'res_config_sqlite3.conf', modules: ['load = res_config_sqlite3.so'] };
/** In this order: without the first the second declines to load. */
const postgresParts = {
  file: 'res_odbc.conf',
  modules: [
    'preload = res_odbc_transaction.so',
    'preload = res_odbc.so',
    'preload = res_config_odbc.so',
    'load = res_sorcery_memory_cache.so',
  ],
};
const databaseParts = ({ database }: AsteriskSettings): typeof sqliteParts =>
  'file' in database ? sqliteParts : postgresParts;
const peerModules = ['load = res_pjsip_outbound_publish.so', 'load = res_pjsip_publish_asterisk.so'];
/** Asterisk complains when these are missing, and `res_pjsip_notify` does not load without its own. */
const filesWithDefaults = [
  'acl.conf',
  'ccss.conf',
  'cdr.conf',
  'cel.conf',
  'features.conf',
  'indications.conf',
  'pjproject.conf',
  'pjsip_notify.conf',
  'udptl.conf',
  'websocket_client.conf',
];

/**
 * Writes the configuration of a private Asterisk and makes its folders. The path of its main file comes back. What Asterisk
 * itself has written into the folders stays.
 */
export async function makePlace(
  installation: AsteriskInstallation,
  place: PrivateAsteriskPlace,
  settings: PrivateAsteriskSettings,
): Promise<string> {
  const main = await writePrivateConfig(installation, place, settings);
  const folders = ['var', 'spool'].map((name) => join(place.directory, name));
  for (const folder of [...folders, place.run]) await mkdir(folder, { recursive: true });
  makeFolder(place.logs, 0o750);
  await linkData(installation.data, place.sounds, join(place.directory, 'data'));
  return main;
}

/** The configuration alone, which includes the snippets just as an administrator's does: also for an Asterisk that runs. */
export async function writePrivateConfig(
  installation: AsteriskInstallation,
  place: PrivateAsteriskPlace,
  settings: PrivateAsteriskSettings,
): Promise<string> {
  const etc = join(place.directory, 'etc');
  const snippets = join(etc, 'selfprov');
  const values = privateValues(installation, place, settings, snippets);
  const files = new Map(filesWithDefaults.map((name) => [name, "; Asterisk's defaults\n"]));
  for (const name of [...privateFiles, databaseParts(settings).file])
    files.set(name, fillTemplate(join(place.templates, 'private', name), values));
  await writeAsteriskFiles(etc, files);
  await writeAsteriskFiles(snippets, renderAsteriskFiles(place.templates, settings, installation.odbcDriver));
  return join(etc, 'asterisk.conf');
}

function privateValues(
  installation: AsteriskInstallation,
  place: PrivateAsteriskPlace,
  settings: PrivateAsteriskSettings,
  snippets: string,
): Readonly<Record<string, string>> {
  const context = settings.emergencyContext;
  const sipAddress = checkedAddress('the SIP address', settings.sipAddress);
  return {
    DIRECTORY: checked("the private Asterisk's folder", place.directory, rules.path),
    LOGS: checked("the private Asterisk's folder of logs", place.logs, rules.path),
    RUN: checked("the private Asterisk's run folder", place.run, rules.path),
    MODULES: checked("the folder of Asterisk's modules", installation.modules, rules.path),
    SNIPPETS: snippets,
    MORE_MODULES: [...databaseParts(settings).modules, ...(settings.peers === null ? [] : peerModules)].join('\n'),
    ENTITY: entityOf(place.directory),
    SIP_ADDRESS: sipAddress.includes(':') ? `[${sipAddress}]` : sipAddress,
    SIP_PORT: checkedPort('the SIP port', settings.sipPort),
    TLS_PORT: checkedPort('the SIP port for TLS', settings.tlsPort),
    TLS_CERTIFICATE: checked('the file of the certificate', settings.tls.certificate, rules.path),
    TLS_KEY: checked('the file of the key', settings.tls.key, rules.path),
    AMI_ADDRESS: checkedAddress('the AMI address', settings.amiAddress),
    AMI_PORT: checkedPort('the AMI port', settings.amiPort),
    RTP_FIRST: checkedPort('the first RTP port', settings.rtpFirst),
    RTP_LAST: checkedPort('the last RTP port', settings.rtpLast),
    REALM: checked('the realm', settings.realm, rules.word),
    EMERGENCY_CONTEXT: checked('the emergency context', context, rules.foreignContext),
    TENANTS: settings.tenants
      .map((tenant) => fillTemplate(join(place.templates, 'private/tenant.conf'), tenantValues(tenant, context)))
      .join('\n'),
    DEMO_EMERGENCY: [...new Set(settings.tenants.flatMap(({ emergencyNumbers }) => emergencyNumbers))]
      .map((number) => `exten => ${number},1,Goto(demo-emergency,s,1)`)
      .join('\n'),
  };
}

/** Has the form of a MAC. */
function entityOf(directory: string): string {
  return createHash('md5')
    .update(directory)
    .digest('hex')
    .slice(0, 12)
    .replace(/..(?!$)/g, '$&:');
}

function tenantValues(tenant: PrivateTenantSettings, emergency: string): Readonly<Record<string, string>> {
  const [prefix = '', suffix = ''] = tenant.endpointPattern.split('{extension}');
  return {
    TENANT: checked('the id of a tenant', tenant.id, rules.word),
    CONTEXT: checked('the context of users', tenant.usersContext, rules.foreignContext),
    USERS: checked('a context', tenant.contexts.users, rules.word),
    EMERGENCY_CONTEXT: checked('the emergency context', emergency, rules.foreignContext),
    PREFIX: prefix,
    SUFFIX: suffix,
  };
}

/**
 * Asterisk's data folder with both kinds of sounds in it. Packages name a language's sounds after the voice
 * (`en_US_f_Allison`); Asterisk looks for them under the language (`en`).
 */
async function linkData(installed: string, prompts: string, data: string): Promise<void> {
  await rm(data, { recursive: true, force: true });
  await mkdir(join(data, 'sounds'), { recursive: true });
  for (const name of await readdir(installed)) {
    if (name !== 'sounds') await symlink(join(installed, name), join(data, name));
  }
  for (const voice of await readdir(join(installed, 'sounds'))) {
    const language = /^[a-z]{2}(?=_|$)/.exec(voice)?.[0];
    if (language !== undefined) await linkEntries(join(installed, 'sounds', voice), join(data, 'sounds', language));
  }
  for (const language of await readdir(prompts, { withFileTypes: true })) {
    if (!language.isDirectory()) continue;
    await mkdir(join(data, 'sounds', language.name), { recursive: true });
    await symlink(join(prompts, language.name), join(data, 'sounds', language.name, 'selfprov'));
  }
}

/** Of two voices in one language the first has it. */
async function linkEntries(from: string, to: string): Promise<void> {
  if ((await mkdir(to, { recursive: true })) === undefined) return;
  await Promise.all((await readdir(from)).map((name) => symlink(join(from, name), join(to, name))));
}
