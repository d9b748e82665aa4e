import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  readFileSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { SETTINGS, writeFilesForAsterisk } from './asteriskSettings.ts';
import { includeLines, OWN_FILES } from './asterisk/configFiles/asteriskFiles.ts';
import { managedAt, putIn, takenOut, type Managed, type ReadSite } from './asterisk/configFiles/siteFiles.ts';
import type { SiteInstall, WrittenFiles } from './cli/asteriskFiles.ts';
import type { Config } from './config.ts';
import { USUAL_CONFIG } from './configFile.ts';
import { askAsterisk, openCore } from './core.ts';
import { dialplanWarnings } from './dialplanChecks.ts';
import { unseenBy } from './accountChecks.ts';
import { describePlace } from './domain/databasePlace.ts';
import { isRefusal, SelfprovError } from './domain/errors.ts';
import { endRegistrations } from './endRegistrations.ts';
import { usersContextOf } from './domain/levels.ts';
import { orNotFound } from './domain/orNotFound.ts';
import type { SiteChange } from './domain/siteChange.ts';
import { DEFAULT_TENANT } from './domain/tenant.ts';
import { askFirst, oddities } from './siteQuestions.ts';
import { shareFiles } from './siteRights.ts';

/** So long may it take to read thousands of endpoints. */
const RELOADED_WITHIN_MS = 60_000;

/** A copy of what was there is kept beside each file that is changed. */
const BACKUP = '.before-selfprov';

/** What of Asterisk's configuration is read when it starts, and never again. */
const READ_AT_START = /^(?:sorcery|extconfig|res_config_\w+|res_odbc|modules|http|ari)\w*\.conf$/;

/** Makes selfprov part of the Asterisk whose files are in `etc`; `apply` false only says how. */
export async function installAt(
  config: Config,
  directory: string,
  { etc, apply }: { readonly etc: string; readonly apply: boolean },
): Promise<SiteInstall> {
  if (config.asterisks.length > 1)
    throw new SelfprovError(
      'invalid',
      'with several Asterisks (SELFPROV_ASTERISKS) each has files of its own: write them without --apply, and copy them',
    );
  refuseSame(directory, etc);
  if (!existsSync(etc))
    throw new SelfprovError('not_found', `there is no folder ${etc}: say where Asterisk has its files (--etc)`);
  const read = readFrom(etc);
  const isBegun = await hasDatabase(config);
  if (!isBegun) askFirst(config, read);
  const includes = includeLines(resolve(directory), config.asteriskDatabase);
  const context = isBegun ? await usersContext(config) : config.firstTenant.context;
  const changes = putIn(read, { includes, usersContext: context });
  const odd = oddities(read, config, context);
  const atStart = changes.some(({ file }) => READ_AT_START.test(file));
  if (!apply)
    return {
      ...{ changes, written: null, anew: [], needsRestart: atStart, reloaded: false, left: odd },
      warnings: isBegun ? await dialplanWarnings(config) : undefined,
    };
  const before = readOwn(directory);
  const after: ReadSite = (file) => changes.find((change) => change.file === file)?.after ?? read(file);
  const written = await writeFilesForAsterisk(managedBy(config, managedAt(after)), directory, USUAL_CONFIG);
  for (const change of changes) writeSite(etc, change);
  const left = shareFiles(config, { etc, files: resolve(directory), settings: written.environmentFile });
  const own = readOwn(directory);
  const anew = OWN_FILES.filter((file) => before(file) !== own(file));
  const isNew = atStart || anew.some((file) => READ_AT_START.test(file));
  const needsRestart = isNew || (await isOlder(config, etc));
  const reloaded = !isNew && (await reload(config));
  const unseen = reloaded ? await unseenBy(config) : [];
  const warnings = await dialplanWarnings(config);
  return { changes, written, anew, needsRestart, reloaded, warnings, left: [...odd, ...left, ...unseen] };
}

/** Whether Asterisk runs since before it was told of the database: it reads these files at its start only. */
async function isOlder(config: Config, etc: string): Promise<boolean> {
  const started = await askAsterisk(config, (asterisk) => asterisk.startedAt());
  const written = ['sorcery.conf', 'extconfig.conf', 'extconfig_custom.conf']
    .map((file) => join(etc, file))
    .filter((path) => existsSync(path))
    .map((path) => statSync(path).mtimeMs);
  // It says whole seconds.
  return started !== undefined && started + 1000 < Math.max(0, ...written);
}

/** What is in the folder of selfprov now. */
function readOwn(directory: string): ReadSite {
  const texts = new Map(OWN_FILES.map((file) => [file, readFrom(directory)(file)]));
  return (file) => texts.get(file) ?? null;
}

/** Has Asterisk read again what it can without dropping anything; false when it does not know selfprov yet, or is not there. */
async function reload(config: Config): Promise<boolean> {
  const modules = ['manager', 'pbx_config.so', 'res_pjsip.so'];
  const done = await askAsterisk(
    config,
    async (asterisk) => {
      for (const name of modules) await asterisk.reload(name);
      return true;
    },
    { within: RELOADED_WITHIN_MS },
  );
  return done ?? false;
}

/**
 * Takes it out again: the files are as they were before, but for what others have changed since, and no registration of a phone
 * that was set up is left.
 */
export async function removeFrom(
  config: Config,
  directory: string,
  { etc, apply }: { readonly etc: string; readonly apply: boolean },
): Promise<SiteInstall> {
  refuseSame(directory, etc);
  const files = readdirSync(etc).filter((file) => file.endsWith('.conf'));
  // One that was there and empty has a copy.
  const changes = takenOut(readFrom(etc), files).map((change) =>
    change.after === null && existsSync(join(etc, `${change.file}${BACKUP}`)) ? { ...change, after: '' } : change,
  );
  const needsRestart = changes.some(({ file }) => READ_AT_START.test(file));
  const left: string[] = [];
  if (apply) {
    const ended = (await hasDatabase(config)) ? await endRegistrations(config) : 0;
    if (ended === undefined)
      left.push('Asterisk does not answer: it keeps registrations of phones that were set up until they run out.');
    for (const change of changes) writeSite(etc, change);
    for (const { file } of changes) rmSync(join(etc, `${file}${BACKUP}`), { force: true });
    removeOwn(resolve(directory));
    left.push(...remainsOf(config));
  }
  return { changes, written: null, anew: [], needsRestart, reloaded: false, warnings: [], left };
}

/** What is there for the case that selfprov is put in again. */
function remainsOf({ directory, said, database }: Config): readonly string[] {
  const settings = said['SELFPROV_CONFIG'] ?? USUAL_CONFIG;
  const all = [directory, ...(existsSync(settings) ? [settings] : [])].filter((path) => existsSync(path));
  const away =
    all.length === 0
      ? []
      : [`Users and phones are kept, with the keys and settings; to remove these too: rm -r ${all.join(' ')}`];
  return 'url' in database ? [...away, `The database ${describePlace(database)} is as it was.`] : away;
}

/** In the folder with Asterisk's own files ours would take their places. */
function refuseSame(directory: string, etc: string): void {
  if (resolve(directory) === resolve(etc))
    throw new SelfprovError(
      'invalid',
      `${etc} has Asterisk's own files: give selfprov a folder of its own, like ${join(etc, 'selfprov')}`,
    );
}

/** What selfprov has written, and the folder unless somebody else has put something there. */
function removeOwn(directory: string): void {
  for (const file of [...OWN_FILES, SETTINGS]) rmSync(join(directory, file), { force: true });
  if (existsSync(directory) && readdirSync(directory).length === 0) rmdirSync(directory);
}

async function usersContext(config: Config): Promise<string> {
  const core = await openCore(config);
  try {
    return usersContextOf(orNotFound(await core.store.tenant(DEFAULT_TENANT), 'tenant'));
  } finally {
    await core.close();
  }
}

/** Writes the files for who includes them by other means. */
export async function writeAt(config: Config, directory: string): Promise<WrittenFiles> {
  if (!(await hasDatabase(config))) askFirst(config, () => null);
  return writeFilesForAsterisk(config, directory);
}

/** Nothing makes one that is only to say how. */
async function hasDatabase(config: Config): Promise<boolean> {
  try {
    await (await openCore(config, { isToBeMade: false })).close();
    return true;
  } catch (error) {
    if (isRefusal(error, 'not_found')) return false;
    throw error;
  }
}

/** What is said of it in the environment has the last word. */
function managedBy(config: Config, { ariUrl, amiHost, amiPort }: Managed): Config {
  const [first] = config.asterisks;
  const given = (name: string): boolean => name in config.said;
  const place = {
    ...first,
    ariUrl: given('SELFPROV_ARI_URL') ? first.ariUrl : ariUrl,
    amiHost: given('SELFPROV_AMI_HOST') ? first.amiHost : amiHost,
    amiPort: given('SELFPROV_AMI_PORT') ? first.amiPort : amiPort,
  };
  return { ...config, asterisks: [place] };
}

function readFrom(etc: string): ReadSite {
  return (file) => {
    const path = join(etc, file);
    return existsSync(path) ? readFileSync(path, 'utf8') : null;
  };
}

/** Whoever reads meanwhile sees it as it was or as it is; whose it is and who may read it stays. */
function writeSite(etc: string, { file, before, after }: SiteChange): void {
  const path = existsSync(join(etc, file)) ? realpathSync(join(etc, file)) : join(etc, file);
  if (after === null) return rmSync(path);
  const like =
    before === null
      ? { ...owner(statSync(etc)), mode: 0o640 }
      : { ...owner(statSync(path)), mode: statSync(path).mode };
  const backup = `${path}${BACKUP}`;
  if (before !== null && !existsSync(backup)) {
    copyFileSync(path, backup);
    chownSync(backup, like.uid, like.gid);
  }
  const partial = `${path}.partial`;
  writeFileSync(partial, after, { mode: 0o600 });
  chownSync(partial, like.uid, like.gid);
  chmodSync(partial, like.mode & 0o7777);
  renameSync(partial, path);
}

function owner({ uid, gid }: { readonly uid: number; readonly gid: number }) {
  return { uid, gid };
}
