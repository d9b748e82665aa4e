import { existsSync, lstatSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { chmod, chown, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve, sep } from 'node:path';
import type { Restored, RestoreRequest } from './cli/backup.ts';
import { readConfig, type Config } from './config.ts';
import { settingsIn, USUAL_CONFIG, withConfigFile } from './configFile.ts';
import { ownCertificates, passwordsFile } from './core.ts';
import { bytesOf } from './archive/tar.ts';
import { describePlace } from './domain/databasePlace.ts';
import { isRefusal, SelfprovError } from './domain/errors.ts';
import type { Secret } from './domain/secret.ts';
import { makeFolder } from './makeFolder.ts';
import { siteKey } from './secrets/siteKey.ts';
import { idsOf } from './siteRights.ts';
import { contentOf, DATABASES, PASSWORDS, readBackup, SETTINGS, SITE_KEY } from './store/backup/archive.ts';
import type { Backup, RightsByName } from './store/backup/archive.ts';
import { exchange, exchangeFiles, finishExchange, isUnderWay, type Step } from './store/backup/exchange.ts';
import { checkDump, dumpPostgres, restorePostgres, usePostgres } from './store/backup/postgresCopy.ts';
import { factsOfCopy, holdSqlite } from './store/backup/sqliteCopy.ts';
import { refuseOtherKey } from './store/checkKey.ts';
import { withoutKey } from './store/open.ts';
import { holdersIn } from './store/sqlite/holdFolder.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const ROOT = 0;
/** Where the packages keep selfprov's data. */
const USUAL_FOLDER = '/var/lib/selfprov';
const FOLDER_MOST = 0o2770;

/**
 * Puts a backup in the place of what is there, which stays beside it: all of it, or nothing. Everything is looked at before anything
 * is changed. Rejects with `conflict` while selfprov runs or somebody has the database open, with `invalid` for a backup that is damaged, later
 * than this version, of the other kind of database, or without a key that fits. A dry run is told too while somebody has the
 * database open.
 */
export async function restore(environment: Environment, { file, dryRun, confirm }: RestoreRequest): Promise<Restored> {
  const backup = await readBackup(resolve(file));
  const { manifest } = backup;
  const config = await configFor(environment, backup);
  const { database } = config;
  if ((manifest.engine === 'postgresql') !== 'url' in database)
    throw new SelfprovError(
      'invalid',
      `the backup is of ${manifest.engine === 'sqlite' ? 'SQLite' : 'PostgreSQL'}, and SELFPROV_DATABASE_URL is ${'url' in database ? 'set' : 'not set'}: ` +
        'restore it as it was, "selfprov move-database" comes afterwards',
    );
  if ('file' in database && !dryRun) finishExchange(database.file);
  await check(backup, config);
  const at = new Date()
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(/[-:]/g, '');
  const files = await filesOf(backup, config);
  const others = files.filter(({ isSame }) => !isSame);
  const steps = others.map(({ target }) => stepFor(target, at));
  const isPostgres = 'url' in database;
  const inUse: SelfprovError[] = [];
  const orLater = (refused: unknown): void => {
    if (!dryRun || !isRefusal(refused, 'conflict')) throw refused;
    inUse.push(refused);
  };
  // One whose database is gone has no other one open.
  const holders = holdersIn(config.directory);
  if (holders.length > 0)
    orLater(
      new SelfprovError(
        'conflict',
        `selfprov runs in ${config.directory} (process ${holders.join(', ')}): stop it, and Asterisk, which reads its accounts there`,
      ),
    );
  const dump = isPostgres ? await asideOf(database.url, config, at, orLater) : null;
  try {
    if ('file' in database) holdSqlite(database.file)();
  } catch (error) {
    orLater(error);
  }
  const told: Restored = {
    manifest,
    database: describePlace(database),
    files: [
      ...(isPostgres ? [{ path: describePlace(database), aside: dump }] : []),
      ...steps.map(({ target, aside }) => ({ path: target, aside: existsSync(target) ? aside : null })),
    ],
    notes: [...notesOf(backup, config), ...inUse.map(({ message }) => `Not as long as ${message}`)],
    isDone: !dryRun,
  };
  if (dryRun) return told;
  await confirm(questionOf(told));
  await makeOwnFolder(config.directory, manifest.folder);
  try {
    for (const [index, { name, target, rights }] of others.entries())
      await stage(backup, name, { to: steps[index]?.staged ?? '', like: target, rights });
    if ('file' in database) exchange(database.file, steps);
    else await intoPostgres(backup, config, database.url, { dump, steps });
  } catch (error) {
    // Once the list is written, whoever opens the database next goes on.
    if (!('file' in database) || !isUnderWay(database.file))
      for (const { staged } of steps) rmSync(staged, { force: true });
    throw error;
  }
  return told;
}

/** With the settings of the backup where this machine has none: then files go where they say, if that is where one would look for them. */
async function configFor(environment: Environment, backup: Backup): Promise<Config> {
  const now = withConfigFile(environment, { isToBeMade: true });
  const { SELFPROV_CONFIG: named } = now;
  if (named !== undefined && existsSync(named)) return readConfig(now);
  const text = await contentOf(backup, SETTINGS);
  const path = named ?? backup.manifest.settings;
  if (text === undefined || path === null) return readConfig(now);
  const config = readConfig({ ...settingsIn(text, `${SETTINGS} in ${backup.path}`), ...now, SELFPROV_CONFIG: path });
  refuseUnsaid(config, path, now);
  return config;
}

/** Whoever wrote the backup is not to choose which files of this machine are replaced: only who restores it is. */
function refuseUnsaid({ directory, database, siteKey: key }: Config, settings: string, said: Environment): void {
  const isInside = (path: string): boolean => resolve(path).startsWith(`${resolve(directory)}${sep}`);
  const unsaid = [
    ['SELFPROV_DIR', directory, resolve(directory) === USUAL_FOLDER],
    ['SELFPROV_CONFIG', settings, resolve(settings) === USUAL_CONFIG || isInside(settings)],
    ...('file' in database ? [['SELFPROV_DATABASE', database.file, isInside(database.file)] as const] : []),
    ['SELFPROV_SITE_KEY', key, isInside(key)],
  ].flatMap(([name, path, isUsual]) =>
    isUsual === true || said[String(name)] ? [] : [`${name}=${resolve(String(path))}`],
  );
  if (unsaid.length === 0) return;
  throw new SelfprovError(
    'invalid',
    `the settings in the backup put files in places that nobody here has named; if they are right, name them: ${unsaid.join(' ')} selfprov restore …`,
  );
}

interface Back {
  readonly name: string;
  readonly target: string;
  readonly rights: RightsByName;
  /** It is there already, as it was. */
  readonly isSame: boolean;
}

async function filesOf(backup: Backup, config: Config): Promise<readonly Back[]> {
  const found: Back[] = [];
  for (const { name, rights } of backup.manifest.files) {
    const target = targetOf(name, config);
    if (target === undefined) continue;
    const isSmall = name !== DATABASES.sqlite;
    const isSame = isSmall && existsSync(target) && readFileSync(target, 'utf8') === (await contentOf(backup, name));
    // Where settings are there, they have said where all of this goes.
    if (name === SETTINGS && existsSync(target)) continue;
    found.push({ name, target, rights, isSame });
  }
  return found;
}

function targetOf(name: string, config: Config): string | undefined {
  const { database, said } = config;
  if (name === DATABASES.sqlite) return 'file' in database ? database.file : undefined;
  if (name === SITE_KEY) return config.siteKey;
  if (name === PASSWORDS) return passwordsFile(config);
  if (name === SETTINGS) return said['SELFPROV_CONFIG'];
  return name.startsWith('tls/') ? join(ownCertificates(config), name.slice('tls/'.length)) : undefined;
}

function stepFor(target: string, at: string): Step {
  return { staged: `${target}.restored-${at}`, target, aside: `${target}.before-restore-${at}` };
}

/** The database can be read, and the key fits: that of the backup, or where it has none the one that is here. */
async function check(backup: Backup, config: Config): Promise<void> {
  const { fingerprint, engine } = backup.manifest;
  removeLeft();
  const folder = await mkdtemp(join(tmpdir(), `selfprov-restore-${process.pid}-`));
  try {
    const key = join(folder, SITE_KEY);
    const isInside = backup.entries.has(SITE_KEY);
    if (isInside) await extract(backup, SITE_KEY, key);
    else if (!existsSync(config.siteKey)) throw withoutKey(config.siteKey);
    const file = isInside ? key : config.siteKey;
    refuseOtherKey({ fingerprint, secret: undefined }, siteKey(file), isInside ? backup.path : file);
    const database = join(folder, 'database');
    await extract(backup, DATABASES[engine], database);
    if (engine === 'postgresql') return await checkDump(database);
    const facts = factsOfCopy(database);
    refuseOtherKey(facts, siteKey(file), isInside ? backup.path : file);
    if (JSON.stringify(facts.migrations) !== JSON.stringify(backup.manifest.migrations))
      throw new SelfprovError('invalid', `${backup.path} has another database than it says`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What one that was killed has left of secrets: folders of ours, by the process that made them. */
function removeLeft(): void {
  for (const name of readdirSync(tmpdir())) {
    const made = /^selfprov-restore-(\d+)-/.exec(name)?.[1];
    const folder = join(tmpdir(), name);
    if (made === undefined || existsSync(`/proc/${made}`)) continue;
    const found = lstatSync(folder, { throwIfNoEntry: false });
    if (found?.isDirectory() === true && found.uid === process.getuid?.())
      rmSync(folder, { recursive: true, force: true });
  }
}

async function extract(backup: Backup, name: string, to: string): Promise<void> {
  const entry = backup.entries.get(name);
  if (entry === undefined) throw new SelfprovError('invalid', `${backup.path} has no ${name}`);
  const file = await open(to, 'wx', 0o600);
  try {
    for await (const piece of bytesOf(backup.path, entry)) await file.appendFile(piece);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Writes a file beside its place, with the rights that it is to have: whose it was, where root can give it. */
async function stage(
  backup: Backup,
  name: string,
  { to, like, rights }: { readonly to: string; readonly like: string; readonly rights: RightsByName },
): Promise<void> {
  await makeOwnFolder(dirname(like), { ...backup.manifest.folder, mode: 0o700 });
  await extract(backup, name, to);
  if (process.getuid?.() === ROOT) {
    const owner = existsSync(like) ? statSync(like) : (idsOf(rights.user, rights.group) ?? statSync(dirname(like)));
    await chown(to, owner.uid, owner.gid);
  }
  await chmod(to, rights.mode & mostOf(name));
}

/** As selfprov makes them: a backup cannot say more. */
function mostOf(name: string): number {
  if (name === DATABASES.sqlite) return 0o660;
  return name === SITE_KEY || name === PASSWORDS ? 0o600 : 0o640;
}

async function makeOwnFolder(folder: string, { mode, user, group }: RightsByName): Promise<void> {
  if (existsSync(folder)) return;
  makeFolder(folder, 0o700);
  const owner = process.getuid?.() === ROOT ? idsOf(user, group) : undefined;
  if (owner !== undefined) await chown(folder, owner.uid, owner.gid);
  await chmod(folder, mode & FOLDER_MOST);
}

/** Where what is in PostgreSQL now is kept; `null` where nothing is. `refuse` is called while others use it. */
async function asideOf(
  url: Secret,
  { directory }: Config,
  at: string,
  refuse: (why: SelfprovError) => void,
): Promise<string | null> {
  const { others, isEmpty } = await usePostgres(url);
  if (others > 0)
    refuse(
      new SelfprovError(
        'conflict',
        `${others} other connection(s) use the database: stop selfprov, and Asterisk, which reads its accounts there`,
      ),
    );
  return isEmpty ? null : join(directory, `selfprov.before-restore-${at}.pgdump`);
}

/** The key first, where there is none: beside an empty database it does no harm. The database is one step for PostgreSQL. */
async function intoPostgres(
  backup: Backup,
  config: Config,
  url: Secret,
  { dump, steps }: { readonly dump: string | null; readonly steps: readonly Step[] },
): Promise<void> {
  const changesKey = existsSync(config.siteKey) && steps.some(({ target }) => target === config.siteKey);
  if (changesKey && dump !== null)
    throw new SelfprovError(
      'conflict',
      `${config.siteKey} is another key than that of the backup, and the database has secrets that only it can read: move the key away first`,
    );
  const folder = await mkdtemp(join(config.directory, '.selfprov-restore-'));
  try {
    if (dump !== null) {
      await rm(dump, { force: true });
      await (await open(dump, 'wx', 0o600)).close();
      await dumpPostgres(url, dump);
    }
    const copy = join(folder, 'database');
    await extract(backup, DATABASES.postgresql, copy);
    exchangeFiles(steps);
    await restorePostgres(url, copy, join(folder, 'script.sql'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function notesOf(backup: Backup, config: Config): readonly string[] {
  const settings = config.said['SELFPROV_CONFIG'];
  const isKept = backup.entries.has(SETTINGS) && settings !== undefined && existsSync(settings);
  return [
    ...(isKept ? [`The settings in ${settings} stay as they are; those of the backup are ${SETTINGS} in it.`] : []),
    ...(backup.entries.has(SITE_KEY) ? [] : [`The backup has no site key: ${config.siteKey} fits, and stays.`]),
  ];
}

function questionOf({ manifest, database, files }: Restored): string {
  const { users, devices } = manifest.counts;
  const kept = files.some(({ aside }) => aside !== null) ? ' What is there now is kept beside it.' : '';
  return `The backup of ${manifest.at} (${users} users, ${devices} devices) takes the place of ${database}.${kept}`;
}
