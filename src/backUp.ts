import { existsSync, lstatSync, readdirSync, readFileSync, realpathSync, statSync, type Stats } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { BackedUp, BackupRequest } from './cli/backup.ts';
import { refuseExisting } from './cli/privateFile.ts';
import type { Config } from './config.ts';
import { openCore, ownCertificates, passwordsFile } from './core.ts';
import { SelfprovError } from './domain/errors.ts';
import { fingerprintOf, siteKey } from './secrets/siteKey.ts';
import { groupName, nameOf } from './siteRights.ts';
import { DATABASES, fileAt, PASSWORDS, SETTINGS, SITE_KEY, writeBackup } from './store/backup/archive.ts';
import type { Kept, Manifest, RightsByName } from './store/backup/archive.ts';
import { dumpPostgres } from './store/backup/postgresCopy.ts';
import { copySqlite } from './store/backup/sqliteCopy.ts';
import { MIGRATION_NAMES } from './store/migrate.ts';
import { isDiskFull } from './store/sqlite/refused.ts';
import { version } from './version.ts';

/**
 * Writes all that this selfprov is made of into one file, as it is at one moment, while it goes on running: the database, and what
 * belongs to it. Nobody else can read any of it at any time. Rejects with `conflict` for a file that is there, unless it may be
 * written over.
 */
export async function backUp(config: Config, { file, withKey, force }: BackupRequest): Promise<BackedUp> {
  const path = placeOf(resolve(file));
  refuseExisting([path], force);
  if (!existsSync(dirname(path))) throw new SelfprovError('not_found', `there is no folder ${dirname(path)}`);
  const { counts, fingerprint } = await lookAt(config);
  // In a folder that is nobody else's: what is in it has no rights of its own yet.
  const folder = await mkdtemp(join(dirname(path), '.selfprov-backup-'));
  try {
    const database = await databaseOf(config, folder);
    const settings = config.said['SELFPROV_CONFIG'];
    const kept = [
      database,
      ...(withKey ? [keptFile(SITE_KEY, config.siteKey)] : []),
      ...[keptFile(PASSWORDS, passwordsFile(config)), ...certificates(ownCertificates(config))],
      ...(settings === undefined ? [] : [keptFile(SETTINGS, settings)]),
    ].filter((each) => each !== undefined);
    const draft = join(folder, 'backup.tar');
    const manifest = await writeBackup(
      draft,
      {
        ...{ version, fingerprint, counts },
        engine: 'url' in config.database ? 'postgresql' : 'sqlite',
        migrations: [...MIGRATION_NAMES],
        settings: settings ?? null,
        folder: rightsOf(statSync(config.directory)),
      },
      kept,
    );
    await rename(draft, path);
    return { file: path, bytes: statSync(path).size, manifest, siteKey: config.siteKey, withKey };
  } catch (cause) {
    if (!isDiskFull(cause)) throw cause;
    const why = `cannot write ${path}: the disk of ${dirname(path)} is full: free some space there, or name another place`;
    throw new SelfprovError('unavailable', why, { cause });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Through links: what is at their end is written over, and they stay. Throws `conflict` for what is there and no file, a device for example. */
function placeOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) {
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return path;
    throw new SelfprovError('conflict', `${path} is a link to something that is not there: name a file`);
  }
  if (found.isFile() || found.isDirectory()) return realpathSync(path);
  throw new SelfprovError('conflict', `${path} is no plain file: name a file`);
}

/** Opens it as any command does: it is there, up to date, and its key fits. */
async function lookAt(config: Config): Promise<Pick<Manifest, 'counts' | 'fingerprint'>> {
  const { store, close } = await openCore(config, { isToBeMade: false });
  try {
    const tenants = await store.tenants();
    const ofAll = async (count: (id: string) => Promise<readonly unknown[]>): Promise<number> =>
      (await Promise.all(tenants.map(({ id }) => count(id)))).reduce((sum, { length }) => sum + length, 0);
    return {
      fingerprint: fingerprintOf(siteKey(config.siteKey)),
      counts: { tenants: tenants.length, users: await ofAll(store.users), devices: await ofAll(store.devices) },
    };
  } finally {
    await close();
  }
}

async function databaseOf({ database }: Config, folder: string): Promise<Kept> {
  if ('url' in database) {
    const copy = join(folder, 'database');
    await dumpPostgres(database.url, copy);
    const rights = { ...rightsOf(statSync(copy)), mode: 0o600 };
    return { name: DATABASES.postgresql, content: await fileAt(copy), rights };
  }
  const copy = join(folder, 'database');
  copySqlite(database.file, copy);
  return { name: DATABASES.sqlite, content: await fileAt(copy), rights: rightsOf(statSync(database.file)) };
}

function certificates(folder: string): readonly (Kept | undefined)[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
  return names.map(({ name }) => keptFile(`tls/${name}`, join(folder, name)));
}

function keptFile(name: string, path: string): Kept | undefined {
  if (!existsSync(path)) return undefined;
  return { name, content: readFileSync(path), rights: rightsOf(statSync(path)) };
}

/** By names: another machine has other numbers. */
function rightsOf({ mode, uid, gid }: Stats): RightsByName {
  return { mode: mode & 0o7777, user: nameOf(uid), group: groupName(gid) };
}
