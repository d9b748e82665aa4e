import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatabasePlace } from '../../domain/databasePlace.ts';
import { SelfprovError } from '../../domain/errors.ts';
import type { Secret } from '../../domain/secret.ts';
import { makeFolder } from '../../makeFolder.ts';
import { adoptedFile, type AdoptedEndpoint } from './adopted.ts';
import * as rules from './checkedValues.ts';
import { checked, checkedAddress, checkedCount, checkedPassword, checkedPort } from './checkedValues.ts';
import { fillTemplate } from './fillTemplate.ts';
import { peerValues, type Peers } from './peers.ts';
import { replaceFile } from './replaceFile.ts';
import { databaseFiles, USUAL_DRIVER, type DatabaseFiles } from './databaseFiles.ts';

/** What the dialplan must know of one tenant. */
export interface TenantSettings {
  readonly id: string;
  readonly contexts: { readonly defaultLine: string; readonly users: string; readonly features: string };
  readonly extension: string;
  readonly releaseExtension: string;
  readonly numberExtension: string;
  readonly emergencyNumbers: readonly string[];
  /** Numbers of phones that are nobody's, as patterns of the dialplan. */
  readonly defaultNumbers: readonly string[];
}

/** All that Asterisk's configuration must know of selfprov. */
export interface AsteriskSettings {
  /** Names of the Stasis applications, one for each process; in this order calls go to the first that is there. */
  readonly apps: readonly [string, ...string[]];
  readonly tenants: readonly TenantSettings[];
  /** The administrator's context that reaches the emergency services; only the numbers above are sent into it. */
  readonly emergencyContext: string;
  /** How many calls to our extensions there may be at a time, in all and from one address. */
  readonly calls: number;
  readonly callsPerAddress: number;
  /** As Asterisk sees it, and with the name that it has there. */
  readonly database: DatabasePlace;
  readonly httpAddress: string;
  readonly httpPort: number;
  readonly ariUser: string;
  readonly ariPassword: Secret;
  readonly amiUser: string;
  readonly amiPassword: Secret;
  /** The only addresses that can log in to AMI with selfprov's name. */
  readonly amiClients: readonly string[];
  /** `null` for an Asterisk that is alone. */
  readonly peers: Peers | null;
  /** Of the administrator's own files. */
  readonly adopted: readonly AdoptedEndpoint[];
  /** The administrator has an endpoint of the name that NOTIFYs are sent from. */
  readonly hasOutboundEndpoint?: boolean;
}

/** What an administrator adds to a file of their own Asterisk. */
export interface IncludeLine {
  /** Name of their file, for example `pjsip.conf`. */
  readonly file: string;
  /**
   * The section of their file that the line stands in; `null` for the end of the file. A second section of the same name
   * does not do: Asterisk reads one of them only, and for `[res_pjsip]` that ends PJSIP.
   */
  readonly section: string | null;
  readonly line: string;
}

const sections: Readonly<Record<string, string>> = {
  'sorcery.conf': 'res_pjsip',
  'extconfig.conf': 'settings',
  'http.conf': 'general',
};

function snippets({ included }: DatabaseFiles): readonly string[] {
  const accounts = ['extensions.conf', 'pjsip.conf', 'sorcery.conf', 'extconfig.conf', ...included];
  return [...accounts, 'http.conf', 'ari.conf', 'manager.conf'];
}

/** Written anew for each user that is adopted. */
export const ADOPTED = 'adopted.conf';

/**
 * The snippets in the folder `templates` with these settings, by file name; `odbcDriver` as `databaseFiles` takes it. `directory`:
 * where they will be, for an Asterisk that has endpoints of its own. Refuses with `invalid` whatever would mean something else to
 * Asterisk than it says.
 */
export function renderAsteriskFiles(
  templates: string,
  settings: AsteriskSettings,
  odbcDriver = USUAL_DRIVER,
  directory?: string,
): ReadonlyMap<string, string> {
  const own = settings.tenants.map((tenant) =>
    fillTemplate(join(templates, 'tenant.conf'), tenantValues(settings, tenant)),
  );
  const database = databaseFiles(settings.database, odbcDriver);
  const values = {
    ...snippetValues(settings),
    ...database.values,
    ...peerValues(templates, settings.peers, settings.amiPassword),
    DRIVER: database.driver,
    // A file on the same machine is not away.
    CACHES: database.driver === 'sqlite3' ? '' : fillTemplate(join(templates, 'caches.conf'), {}),
    TENANTS: own.join('\n'),
    OUTBOUND: settings.hasOutboundEndpoint === true ? '' : fillTemplate(join(templates, 'outbound.conf'), {}),
    ADOPTED: directory === undefined ? '' : `#include "${join(directory, ADOPTED)}"\n`,
  };
  const files = [...snippets(database), ...database.copied];
  return new Map([
    ...files.map((file) => [file, fillTemplate(join(templates, file), values)] as const),
    ...(directory === undefined ? [] : [[ADOPTED, adoptedFile(settings.adopted)] as const]),
  ]);
}

/** Every file that selfprov writes for an Asterisk, whatever its database is. */
export const OWN_FILES: readonly string[] = [
  ...['extensions.conf', 'pjsip.conf', 'sorcery.conf', 'extconfig.conf', 'http.conf', 'ari.conf', 'manager.conf'],
  ...['res_config_sqlite3.conf', 'res_odbc.conf', 'odbc.ini', ADOPTED],
];

/** How the snippets in `directory`, an absolute path, become part of an Asterisk. */
export function includeLines(directory: string, database: DatabasePlace): readonly IncludeLine[] {
  checked('the folder of the Asterisk files', directory, rules.path);
  return snippets(databaseFiles(database, USUAL_DRIVER)).map((file) => ({
    file,
    section: sections[file] ?? null,
    line: `#include "${join(directory, file)}"`,
  }));
}

/** Writes files that hold passwords: only owner and group can read the folder and the files. Refuses a folder that is a link. */
export async function writeAsteriskFiles(directory: string, files: ReadonlyMap<string, string>): Promise<void> {
  makeFolder(directory, 0o750);
  if ((await lstat(directory)).isSymbolicLink())
    throw new SelfprovError('invalid', `${directory} is a link: name the folder that it leads to`);
  for (const [name, text] of files) replaceFile(join(directory, name), text, { mode: 0o640 });
}

const checkedApp = (app: string): string => checked('the name of the Stasis application', app, rules.word);

function snippetValues(settings: AsteriskSettings): Readonly<Record<string, string>> {
  const [first, ...others] = settings.apps;
  return {
    FIRST_APP: checkedApp(first),
    OTHER_APPS: others
      .map(
        (app) =>
          ` same => n,GotoIf($["\${STASISSTATUS}" != "FAILED"]?taken)\n` +
          ` same => n,Stasis(${checkedApp(app)},\${ARG1},\${ARG2},\${ARG3})\n`,
      )
      .join(''),
    CALLS: checkedCount('the number of calls', settings.calls),
    CALLS_PER_ADDRESS: checkedCount('the number of calls from one address', settings.callsPerAddress),
    HTTP_ADDRESS: checkedAddress('the HTTP address', settings.httpAddress),
    HTTP_PORT: checkedPort('the HTTP port', settings.httpPort),
    ARI_USER: checked('the ARI user', settings.ariUser, rules.userName),
    ARI_PASSWORD: checkedPassword('the ARI password', settings.ariPassword),
    AMI_USER: checked('the AMI user', settings.amiUser, rules.userName),
    AMI_PASSWORD: checkedPassword('the AMI password', settings.amiPassword),
    AMI_CLIENTS: settings.amiClients
      .map((client) => `permit = ${checkedAddress('the address of an AMI client', client)}`)
      .join('\n'),
  };
}

function tenantValues(settings: AsteriskSettings, tenant: TenantSettings): Readonly<Record<string, string>> {
  const { id, contexts, extension, releaseExtension, numberExtension, emergencyNumbers, defaultNumbers } = tenant;
  const dialled = [extension, releaseExtension, numberExtension, ...emergencyNumbers];
  for (const number of dialled) checked('an extension or emergency number', number, rules.dialable);
  if (new Set(dialled).size < dialled.length) {
    throw new SelfprovError('invalid', `One number stands twice among ${dialled.join(', ')}: give each its own.`);
  }
  const context = checked('the emergency context', settings.emergencyContext, rules.foreignContext);
  const emergency = (number: string): string =>
    `exten => ${number},1,Gosub(selfprov-emergency,s,1)\n same => n,Goto(${context},${number},1)`;
  const back = (pattern: string): string => `exten => ${pattern},1,Gosub(selfprov-back,\${EXTEN},1(30,,${id}))`;
  return {
    TENANT: checked('the id of a tenant', id, rules.word),
    DEFAULT_LINE: checked('a context', contexts.defaultLine, rules.word),
    USERS: checked('a context', contexts.users, rules.word),
    FEATURES: checked('a context', contexts.features, rules.word),
    EXTENSION: extension,
    LENGTH: String(extension.length),
    RELEASE_EXTENSION: releaseExtension,
    NUMBER_EXTENSION: numberExtension,
    EMERGENCY: emergencyNumbers.map(emergency).join('\n'),
    NUMBERS: defaultNumbers.map(back).join('\n'),
  };
}
