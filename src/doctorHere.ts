import { execFile } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Core } from './administration/core.ts';
import { checkCertificate } from './certificates/certificateFiles.ts';
import { lostAuthority } from './certificates/ownCertificate.ts';
import { plannedTime } from './clock.ts';
import type { Config } from './config.ts';
import { authorityFile, familiesOf, ownCertificates, passwordsFile, soundsOf, soundsPath } from './core.ts';
import {
  folderFindings,
  isFull,
  keyFindings,
  ownerFindings,
  ownFolderFindings,
  secretFindings,
} from './doctor/files.ts';
import { unseen, warning, well, wrong, type Finding } from './doctor/finding.ts';
import type { Known } from './doctorAtAsterisk.ts';
import { describePlace } from './domain/databasePlace.ts';
import { isRefusal } from './domain/errors.ts';
import { DEFAULT_TENANT, policyOf } from './domain/tenant.ts';
import { saidTooLate } from './firstStart.ts';
import { checkSounds } from './ownAsterisk.ts';
import { keyFromBackup } from './secrets/siteKey.ts';
import { groupsOf, nameOf } from './siteRights.ts';
import { isDiskFull } from './store/sqlite/refused.ts';
import { isKeyOf, type DatabaseLook } from './store/look.ts';
import { version } from './version.ts';

export function settingsFindings({ said, directory }: Config): readonly Finding[] {
  const file = said['SELFPROV_CONFIG'];
  const secret = file === undefined ? [] : secretFindings(file, 'the settings, passwords among them');
  const made = secretFindings(passwordsFile({ directory }), 'the passwords of the private Asterisk');
  const count = Object.keys(said).length;
  return [
    ...secret.filter(({ state }) => state !== 'well'),
    ...made.filter(({ state }) => state !== 'well'),
    well(
      `version ${version}, Node.js ${process.versions.node}; ${count} settings${file === undefined ? '' : `, ${file}`}`,
    ),
  ];
}

/** The folder, and whether what is in it is there for the user that selfprov runs as: the one whom the folder belongs to. */
export function filesFindings({ config, isBegun }: Known): readonly Finding[] {
  const { directory, database, siteKey, logs, ari } = config;
  if (!isBegun && !existsSync(directory)) return [unseen(`not started yet: the first start makes ${directory}`)];
  const found = folderFindings(directory);
  if (!existsSync(directory) || found.some(({ state }) => state === 'wrong')) return found;
  const { uid } = statSync(directory);
  const written = [
    ...('file' in database ? ['', '-wal', '-shm'].map((end) => `${database.file}${end}`) : []),
    ...['selfprov', `selfprov.${ari.app}`].flatMap((name) => [`${name}.lock`, `${name}.pid`]).map(inFolder(directory)),
    join(logs ?? directory, 'selfprov.log'),
  ];
  const own = ownCertificates(config);
  const read = [siteKey, passwordsFile(config), own, ...(existsSync(own) ? readdirSync(own).map(inFolder(own)) : [])];
  return [...found, ...ownerFindings({ uid, groups: groupsOf(uid), name: nameOf(uid) }, { written, read })];
}

const inFolder =
  (folder: string) =>
  (name: string): string =>
    join(folder, name);

/** Of a database that could not be looked at. */
export function unreadableFindings({ database, directory }: Config, error: unknown): readonly Finding[] {
  if (!isRefusal(error, 'unavailable')) throw error;
  const disk = 'file' in database ? dirname(database.file) : directory;
  if ('file' in database && (isDiskFull(error) || isFull(disk)))
    return [wrong(error.message, `free some space on the disk of ${disk} first: it is full`)];
  return [
    wrong(
      error.message,
      'url' in database
        ? 'does PostgreSQL run (systemctl status postgresql)? SELFPROV_DATABASE_URL names its host, port, user, password and database'
        : `run this as the user that selfprov runs as; if it is damaged put the backup back (selfprov restore FILE), and look at the disk of ${directory}`,
    ),
  ];
}

export function databaseFindings(
  { config: { database: place, siteKey }, isBegun }: Known,
  look: DatabaseLook | undefined,
): readonly Finding[] {
  const where = describePlace(place);
  if (!isBegun)
    return [
      warning(
        `not started yet: ${where} is not there`,
        'npm start, or "selfprov start", with an Asterisk of its own; beside yours "selfprov asterisk-files" comes first. If it has been started, ' +
          'say where: SELFPROV_CONFIG, or SELFPROV_DIR',
      ),
    ];
  if (look === undefined)
    return [
      wrong(
        `${where}: there is no database of selfprov yet`,
        existsSync(siteKey)
          ? `its site key is there, so there was one: put the backup back (selfprov restore FILE)${'url' in place ? ', or name that one (SELFPROV_DATABASE_URL)' : ''}`
          : 'selfprov start, serve or asterisk-files makes it; if there is one elsewhere, say where: SELFPROV_DIR',
      ),
    ];
  const { pending, newer, damage } = look;
  if (look.isForeign)
    return [
      wrong(`${where} is the database of another program`, 'name another file: SELFPROV_DATABASE, or SELFPROV_DIR'),
    ];
  if (damage !== null) return [wrong(`${where} is damaged: ${damage}`, 'put the backup back: selfprov restore FILE')];
  if (newer.length > 0)
    return [
      wrong(
        `${where} was made by a newer version (it has ${newer.join(', ')})`,
        'install that version, or put the backup of before back',
      ),
    ];
  if (pending.length > 0)
    return [
      warning(`${where} is of an older version`, 'the next start of selfprov brings it up to date, and keeps a copy'),
    ];
  return [well(where)];
}

export function siteKeyFindings({ siteKey: file }: Config, look: DatabaseLook | undefined): readonly Finding[] {
  const found = keyFindings(file, look !== undefined, keyFromBackup(file));
  if (look === undefined || look.isForeign || found.some(({ state }) => state !== 'well')) return found;
  return isKeyOf(file, look)
    ? found
    : [
        wrong(
          `${file} is not the site key that this database was made with`,
          `name the right one (SELFPROV_SITE_KEY), or put it back from a backup, with this one moved away first: ${keyFromBackup(file)}`,
        ),
      ];
}

export async function tenantFindings(config: Config, core: Core): Promise<readonly Finding[]> {
  const tenants = await core.store.tenants();
  const first = tenants.find(({ id }) => id === DEFAULT_TENANT);
  const late = first === undefined ? [] : saidTooLate(config, first);
  const open = tenants.filter((tenant) => policyOf(tenant).authentication === 'none');
  const users = await Promise.all(tenants.map(async ({ id }) => (await core.store.users(id)).length));
  return [
    ...late.map((says) => warning(says, null)),
    ...open.map(({ id }) =>
      warning(
        `whoever keys an extension of tenant ${id} gets it: nobody has to prove anything there`,
        `selfprov --tenant ${id} tenant set --authentication users`,
      ),
    ),
    well(`tenants: ${tenants.length}, users: ${users.reduce((sum, count) => sum + count, 0)}`),
  ];
}

export function templateFindings(config: Config): readonly Finding[] {
  const own = ownFolderFindings('SELFPROV_TEMPLATES', config.ownTemplates);
  const files = ownFolderFindings('SELFPROV_FILES', config.ownFiles);
  const bad = [...own, ...files].filter(({ state }) => state !== 'well');
  if (bad.length > 0) return bad;
  return [well(`${familiesOf(config).all.length} families`)];
}

export async function promptFindings(config: Config, core: Core | undefined): Promise<readonly Finding[]> {
  const languages = soundsOf(config);
  // An own Asterisk is not started without them.
  if (config.asteriskFiles === undefined) checkSounds(config);
  if (languages === null)
    return [unseen(`${soundsPath(config)} is a folder of Asterisk's that cannot be seen from here`)];
  const wanted = new Set(
    (await core?.store.tenants())?.flatMap((tenant) => policyOf(tenant).prompts.slice(0, 1)) ?? [],
  );
  const missing = [...wanted].flatMap((language) => {
    const found = languages.find((one) => one.language === language);
    const lacks = found?.missingPrompts.map(({ name }) => name) ?? [];
    if (found === undefined)
      return [
        wrong(
          `there are no prompts in ${language}, which callers are to hear`,
          'selfprov sounds check; see sounds/README.md',
        ),
      ];
    return lacks.length === 0
      ? []
      : [
          wrong(
            `in ${language} callers hear nothing in place of ${lacks.join(', ')}`,
            `selfprov sounds check ${language}; see sounds/README.md`,
          ),
        ];
  });
  const complete = languages.filter(({ complete: all }) => all).map(({ language }) => language);
  return missing.length > 0 ? missing : [well(`whole in ${complete.join(', ')}`)];
}

export function certificateFindings(config: Config): readonly Finding[] {
  const { sip } = config;
  const authority = authorityFile(config);
  if (sip.certificate === undefined) {
    const lost = lostAuthority(ownCertificates(config));
    if (lost !== undefined)
      return [warning(lost, 'put it back from a backup, as the file tls/… in it: selfprov backup')];
  }
  if (sip.certificate === undefined)
    return [well(authority === undefined ? 'none: phones use no TLS' : `our own authority, ${authority}`)];
  const said = checkCertificate(sip.certificate, sip.host, plannedTime());
  return [said === undefined ? well(sip.certificate.certificate) : warning(said, null)];
}

const MOST_APART_MS = 2000;

export async function clockFindings({ core }: Known): Promise<readonly Finding[]> {
  const now = Date.now();
  if (now < RELEASED)
    return [
      wrong(`the clock of this machine says ${new Date(now).toISOString()}`, 'set it right: timedatectl set-ntp true'),
    ];
  try {
    const ahead = (await core?.ping()) ?? 0;
    if (Math.abs(ahead) > MOST_APART_MS)
      return [
        wrong(
          `the clock of the database is ${Math.round(ahead / 1000)} seconds apart from this machine's`,
          'keep both right with NTP',
        ),
      ];
  } catch (error) {
    if (!isRefusal(error, 'unavailable')) throw error;
  }
  return [
    (await isSynchronized()) === false
      ? warning('nobody keeps the clock of this machine right', 'timedatectl set-ntp true')
      : well(new Date(now).toISOString()),
  ];
}

/** As systemd says; `undefined` where it is not there to ask. */
async function isSynchronized(): Promise<boolean | undefined> {
  try {
    const asked = ['show', '--property=NTPSynchronized', '--value'];
    const { stdout } = await promisify(execFile)('timedatectl', asked, { timeout: 2000 });
    return stdout.trim() === '' ? undefined : stdout.trim() === 'yes';
  } catch {
    return undefined;
  }
}

/** No clock that is right says less. */
const RELEASED = Date.UTC(2026, 0, 1);
