import { existsSync, lstatSync, readFileSync, readdirSync, realpathSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { SETTINGS, writeFilesForAsterisk } from './asteriskSettings.ts';
import { includeLines, OWN_FILES } from './asterisk/configFiles/asteriskFiles.ts';
import { replaceFile } from './asterisk/configFiles/replaceFile.ts';
import {
  hasContext,
  hasOutboundEndpoint,
  managedAt,
  putIn,
  takenOut,
  type Managed,
  type ReadSite,
} from './asterisk/configFiles/siteFiles.ts';
import type { SiteInstall, WrittenFiles } from './cli/asteriskFiles.ts';
import type { Config } from './config.ts';
import { USUAL_CONFIG } from './configFile.ts';
import { ASK_OF_ALL_MS, askAsterisk, openCore } from './core.ts';
import { dialplanWarnings } from './dialplanChecks.ts';
import { unseenBy } from './accountChecks.ts';
import { describePlace } from './domain/databasePlace.ts';
import { DatabaseError, isRefusal, SelfprovError } from './domain/errors.ts';
import { endRegistrations } from './endRegistrations.ts';
import { usersContextOf } from './domain/levels.ts';
import { orNotFound } from './domain/orNotFound.ts';
import type { SiteChange } from './domain/siteChange.ts';
import { contextsOf, DEFAULT_TENANT, type Tenant } from './domain/tenant.ts';
import { askFirst, oddities } from './siteQuestions.ts';
import { OWN_DATA, shareFiles } from './siteRights.ts';

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
  const [first, ...others] = isBegun
    ? await contextsIn(config)
    : [{ users: config.firstTenant.context, own: FIRST_USERS }];
  const contexts = [first, ...others.filter(({ users }) => hasContext(read, users))];
  const changes = putIn(read, { includes, contexts });
  const odd = [
    ...oddities(read, config, first.users),
    ...others
      .filter((each) => !contexts.includes(each))
      .map(
        ({ users, own }) =>
          `There is no context [${users}] in extensions.conf for the users of a tenant: it needs include => ${own}`,
      ),
  ];
  const atStart = changes.some(({ file }) => READ_AT_START.test(file));
  if (!apply)
    return {
      ...{ changes, written: null, anew: [], needsRestart: atStart, reloaded: false, left: odd },
      warnings: isBegun ? await dialplanWarnings(config) : undefined,
    };
  const before = readOwn(directory);
  const after: ReadSite = (file) => changes.find((change) => change.file === file)?.after ?? read(file);
  const at = managedAt(after);
  if (config.asterisks[0].ariUrl !== at.ariUrl && 'SELFPROV_ARI_URL' in config.said)
    odd.push(
      `SELFPROV_ARI_URL is ${config.asterisks[0].ariUrl}, and Asterisk's own files say ${at.ariUrl}: change what is not so any more.`,
    );
  const site = { hasOutboundEndpoint: hasOutboundEndpoint(read) };
  const written = await writeFilesForAsterisk(managedBy(config, at), directory, USUAL_CONFIG, site);
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
    { within: ASK_OF_ALL_MS },
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
    change.after === null && existsSync(`${placeOf(etc, change.file)}${BACKUP}`) ? { ...change, after: '' } : change,
  );
  const needsRestart = changes.some(({ file }) => READ_AT_START.test(file));
  const left: string[] = [];
  if (apply) {
    if ((await ended(config)) === undefined)
      left.push(
        'Asterisk or the database does not answer: registrations of phones that were set up stay until they run out.',
      );
    for (const change of changes) {
      const backup = `${placeOf(etc, change.file)}${BACKUP}`;
      writeSite(etc, change);
      rmSync(backup, { force: true });
    }
    for (const file of readdirSync(etc).filter((name) => name.endsWith(BACKUP)))
      rmSync(join(etc, file), { force: true });
    removeOwn(resolve(directory));
    left.push(...remainsOf(config));
  }
  return { changes, written: null, anew: [], needsRestart, reloaded: false, warnings: [], left };
}

/** How many registrations were ended; `undefined` when that cannot be done, which keeps nobody from the rest. */
async function ended(config: Config): Promise<number | undefined> {
  try {
    return (await hasDatabase(config)) ? await endRegistrations(config) : 0;
  } catch (error) {
    if (error instanceof SelfprovError || error instanceof DatabaseError) return undefined;
    throw error;
  }
}

/** What is there for the case that selfprov is put in again. */
function remainsOf({ directory, said, database }: Config): readonly string[] {
  const settings = said['SELFPROV_CONFIG'] ?? USUAL_CONFIG;
  const isOwn = existsSync(directory) && readdirSync(directory).every((name) => OWN_DATA.test(name));
  const all = [...(isOwn ? [directory] : []), ...(existsSync(settings) ? [settings] : [])].map((path) =>
    /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`,
  );
  const away =
    all.length === 0
      ? []
      : [`Users and phones are kept, with the keys and settings; to remove these too: rm -r ${all.join(' ')}`];
  return 'url' in database ? [...away, `The database ${describePlace(database)} is as it was.`] : away;
}

/** In a folder with Asterisk's own files (`etc`, or another one's) ours would take their places, and a link may lead anywhere. */
function refuseSame(directory: string, etc?: string): void {
  const isEtc = etc !== undefined && resolve(directory) === resolve(etc);
  if (isEtc || ['asterisk.conf', 'modules.conf', 'logger.conf'].some((file) => existsSync(join(directory, file))))
    throw new SelfprovError(
      'invalid',
      `${directory} has Asterisk's own files: give selfprov a folder of its own, like ${join(directory, 'selfprov')}`,
    );
  if (existsSync(directory) && lstatSync(directory).isSymbolicLink())
    throw new SelfprovError('invalid', `${directory} is a link: name the folder that it leads to`);
}

/** What selfprov has written, and the folder unless somebody else has put something there. */
function removeOwn(directory: string): void {
  for (const file of [...OWN_FILES, SETTINGS]) rmSync(join(directory, file), { force: true });
  if (existsSync(directory) && readdirSync(directory).length === 0) rmdirSync(directory);
}

type Contexts = Parameters<typeof putIn>[1]['contexts'][number];

const FIRST_USERS = contextsOf({ id: DEFAULT_TENANT }).users;

/** Of each tenant, the first one's first. */
async function contextsIn(config: Config): Promise<readonly [Contexts, ...Contexts[]]> {
  const core = await openCore(config);
  try {
    const of = (tenant: Tenant): Contexts => ({ users: usersContextOf(tenant), own: contextsOf(tenant).users });
    const tenants = await core.store.tenants();
    const first = orNotFound(await core.store.tenant(DEFAULT_TENANT), 'tenant');
    return [of(first), ...tenants.filter(({ id }) => id !== DEFAULT_TENANT).map(of)];
  } finally {
    await core.close();
  }
}

/** Writes the files for who includes them by other means. */
export async function writeAt(config: Config, directory: string): Promise<WrittenFiles> {
  refuseSame(directory);
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
    // Byte by byte: whatever the administrator's editor writes.
    return existsSync(path) && statSync(path).isFile() ? readFileSync(path, 'latin1') : null;
  };
}

/** Whose it is and who may read it stays. */
function writeSite(etc: string, { file, before, after }: SiteChange): void {
  const path = placeOf(etc, file);
  if (after === null) return rmSync(path);
  const { uid, gid } = statSync(before === null ? etc : path);
  const rights = { uid, gid, mode: before === null ? 0o640 : statSync(path).mode & 0o7777 };
  const backup = `${path}${BACKUP}`;
  if (before !== null && !existsSync(backup)) replaceFile(backup, readFileSync(path), rights);
  replaceFile(path, Buffer.from(after, 'latin1'), rights);
}

/** Behind links. */
function placeOf(etc: string, file: string): string {
  const path = join(etc, file);
  return existsSync(path) ? realpathSync(path) : path;
}
