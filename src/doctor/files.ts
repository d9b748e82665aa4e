import { accessSync, constants, statfsSync, statSync, type Stats } from 'node:fs';
import { unseen, warning, well, wrong, type Finding } from './finding.ts';

/** Bytes: with less a day's events and logs may not fit. */
export const LOW = 512 * 2 ** 20;

/** Bytes: SQLite needs a part of this to read a database at all. */
const NEARLY_NOTHING = 2 ** 20;

/** Whether the disk of a folder has no room left; false where that cannot be seen. */
export function isFull(directory: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(directory);
    return bavail * bsize < NEARLY_NOTHING;
  } catch {
    return false;
  }
}

/** The folder of database and keys, and the disk that it is on. */
export function folderFindings(directory: string): readonly Finding[] {
  const found = seen(directory);
  if (found === undefined)
    return [
      wrong(`there is no folder ${directory}`, 'selfprov start, or serve, makes it; or say where it is: SELFPROV_DIR'),
    ];
  if (!found.isDirectory()) return [wrong(`${directory} is no folder`, 'name another one: SELFPROV_DIR')];
  const { bavail, bsize } = statfsSync(directory);
  const free = Math.floor((bavail * bsize) / 2 ** 20);
  const isOurs = mayWrite(directory);
  return [
    ...(isOpenToOthers(found, 0o007)
      ? [warning(`others may look into ${directory} (mode ${modeOf(found)})`, `chmod o-rwx ${directory}`)]
      : []),
    ...(isOurs
      ? []
      : [
          wrong(
            `${directory} cannot be written by who runs this`,
            'run this as the user that selfprov runs as, or as root; if it is that user: chown -R it to that one',
          ),
        ]),
    ...(free * 2 ** 20 < LOW
      ? [wrong(`the disk of ${directory} has ${free} MB left`, 'free some space: with none no phone is set up')]
      : isOurs
        ? [well(`${directory}, ${free} MB free`)]
        : []),
  ];
}

/** The user that selfprov runs as. */
export interface Owner {
  readonly uid: number;
  readonly groups: readonly number[];
  readonly name: string;
}

/** What that user has to read, or to read and write, and cannot: by the rights, for root may do anything. Missing files are no matter. */
export function ownerFindings(
  owner: Owner,
  { written, read }: { readonly written: readonly string[]; readonly read: readonly string[] },
): readonly Finding[] {
  if (owner.uid === 0) return [];
  const kept = (paths: readonly string[], bits: number): readonly string[] =>
    paths.filter((path) => {
      const found = seen(path);
      return found !== undefined && (bitsFor(owner, found) & bits) !== bits;
    });
  return [...cannot(owner, 'read and write', kept(written, 0o6)), ...cannot(owner, 'read', kept(read, 0o4))];
}

function cannot({ name }: Owner, what: string, paths: readonly string[]): readonly Finding[] {
  return paths.length === 0
    ? []
    : [wrong(`${name}, whose folder it is, cannot ${what} ${paths.join(', ')}`, `chown ${name} ${paths.join(' ')}`)];
}

/** Three bits of a mode: those that hold for this user. */
function bitsFor({ uid, groups }: Owner, { mode, uid: whose, gid }: Stats): number {
  if (uid === whose) return (mode >> 6) & 0o7;
  return groups.includes(gid) ? (mode >> 3) & 0o7 : mode & 0o7;
}

/** A file with secrets in it: whose group may read it, and who is in that, is the administrator's to say. */
export function secretFindings(file: string, what: string): readonly Finding[] {
  const found = seen(file);
  if (found === undefined) return [];
  if (isOpenToOthers(found, 0o004)) return [wrong(`everybody may read ${what}, ${file}`, `chmod o-rwx ${file}`)];
  return isReadable(file) ? [well(file)] : [unseen(`${file} cannot be read by who runs this`)];
}

/** The site key: `needed` when there is a database that was made with it. `comeBack`: what to type where it is lost. */
export function keyFindings(file: string, needed: boolean, comeBack: string): readonly Finding[] {
  const found = seen(file);
  if (isHidden(file)) return [notOurs(file, 'looked at')];
  if (found === undefined)
    return needed
      ? [
          wrong(
            `the site key ${file} is missing, and only that one opens the secrets in the database`,
            `put it back from a backup, alone: ${comeBack}`,
          ),
        ]
      : [well('the first start makes one')];
  if (isOpenToOthers(found, 0o077))
    return [wrong(`the site key ${file} can be read by others (mode ${modeOf(found)})`, `chmod 600 ${file}`)];
  return [isReadable(file) ? well(file) : notOurs(file, 'read')];
}

/** `done`: what whoever runs this may not do with it. */
const notOurs = (file: string, done: string): Finding =>
  unseen(`${file} cannot be ${done} by who runs this: run this as the user of selfprov, or as root`);

/** Passwords that nobody has given as settings: where they are kept and we may not look. */
export function hiddenFindings(file: string): readonly Finding[] {
  return isThere(file) && !isReadable(file) ? [notOurs(file, 'read')] : [];
}

/** A folder of the administrator's own that has to be readable. */
export function ownFolderFindings(setting: string, directory: string | undefined): readonly Finding[] {
  if (directory === undefined) return [];
  const found = seen(directory);
  if (found?.isDirectory() !== true)
    return [wrong(`${setting}: there is no folder ${directory}`, `make it, or change ${setting}`)];
  return isReadable(directory)
    ? [well(directory)]
    : [wrong(`${setting}: ${directory} cannot be read`, `chmod a+rX ${directory}`)];
}

/** Whether a file is where we may not look. */
function isHidden(path: string): boolean {
  try {
    statSync(path);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES';
  }
}

/** What cannot be looked at is there. */
export const isThere = (path: string): boolean => seen(path) !== undefined || isHidden(path);

function seen(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

function isOpenToOthers({ mode }: Stats, bits: number): boolean {
  return (mode & bits) !== 0;
}

function modeOf({ mode }: Stats): string {
  return (mode & 0o7777).toString(8);
}

const mayWrite = (path: string): boolean => may(path, constants.W_OK);
const isReadable = (path: string): boolean => may(path, constants.R_OK);

function may(path: string, how: number): boolean {
  try {
    accessSync(path, how);
    return true;
  } catch {
    return false;
  }
}
