import { execFileSync } from 'node:child_process';
import { closeSync, constants, fchmodSync, fchownSync, fstatSync, openSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { OWN_FILES } from './asterisk/configFiles/asteriskFiles.ts';
import type { Rights } from './asterisk/configFiles/replaceFile.ts';
import { SETTINGS } from './asteriskSettings.ts';
import type { Config } from './config.ts';
import { USUAL_CONFIG } from './configFile.ts';
import { describeFailure } from './cli/failure.ts';

const ROOT = 0;

/** What there is in a folder of selfprov's data, and nothing else. */
export const OWN_DATA =
  /^(?:selfprov\b.*|(?:site\.key|asterisk\.env)(?:\.(?:restored|before-restore)-.*)?|tls|asterisk)$/;

/**
 * Lets Asterisk's user, to whom `etc` belongs, read and write what both need, and selfprov's, to whom its own folder belongs, all of
 * it; nobody else reads anything. Only root can. Gives what is left to do, for a reader.
 */
export function shareFiles(
  { directory, database, siteKey }: Pick<Config, 'directory' | 'database' | 'siteKey'>,
  { etc, files, settings }: { readonly etc: string; readonly files: string; readonly settings: string },
): readonly string[] {
  const [asterisk, selfprov] = [statSync(etc), statSync(directory)];
  if (process.getuid?.() !== ROOT)
    return selfprov.uid === asterisk.uid
      ? []
      : [
          `Let Asterisk's user read and write ${directory} and what is in it: both users in one group, folders with mode 2770, the database with 660.`,
        ];
  const left: string[] = [];
  const give = (path: string, rights: Rights): void => {
    const refused = setRights(path, rights);
    if (refused !== undefined) left.push(`${path} keeps its rights: ${refused}`);
  };
  // Who is root reads whatever there is.
  if (asterisk.uid !== ROOT) {
    const both = { uid: selfprov.uid, gid: asterisk.gid };
    if (hasOnly(directory, (name) => OWN_DATA.test(name))) give(directory, { ...both, mode: 0o2770 });
    else left.push(`${directory} has other things too, and keeps its rights: Asterisk's group has to write there.`);
    if ('file' in database)
      for (const file of ['', '-wal', '-shm']) give(`${database.file}${file}`, { ...both, mode: 0o660 });
    const ours = [...OWN_FILES, SETTINGS];
    if (hasOnly(files, (name) => ours.includes(name))) give(files, { ...both, mode: 0o2750 });
    for (const name of OWN_FILES) give(join(files, name), { ...both, mode: 0o640 });
  }
  if (selfprov.uid === ROOT)
    return [
      ...left,
      `${directory} belongs to root, so selfprov has to run as root. To run it as a user of its own: chown -R selfprov ${directory}, and do this again.`,
    ];
  const [own = ROOT, ...groups] = groupsOf(selfprov.uid);
  give(siteKey, { uid: selfprov.uid, gid: own, mode: 0o600 });
  if (settings === USUAL_CONFIG) give(dirname(settings), { uid: ROOT, gid: own, mode: 0o750 });
  give(settings, { uid: ROOT, gid: own, mode: 0o640 });
  if (asterisk.uid !== ROOT && selfprov.uid !== asterisk.uid && ![own, ...groups].includes(asterisk.gid))
    left.push(
      `The user of selfprov has to be in Asterisk's group, for both write the database: usermod -a -G ${groupName(asterisk.gid)} ${nameOf(selfprov.uid)}`,
    );
  return left;
}

function hasOnly(directory: string, isOurs: (name: string) => boolean): boolean {
  return readdirSync(directory).every(isOurs);
}

/**
 * Who owns the folder can put anything into it, so what is another name for something else is let be. Gives why; a file that is not
 * there needs no rights.
 */
function setRights(path: string, { uid, gid, mode }: Rights): string | undefined {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : describeFailure(error);
  }
  try {
    const found = fstatSync(file);
    if (!found.isDirectory() && !(found.isFile() && found.nlink === 1)) return 'it is no file of its own';
    fchownSync(file, uid, gid);
    fchmodSync(file, mode);
    return undefined;
  } finally {
    closeSync(file);
  }
}

/** Its own first. A user without a name has none. */
export function groupsOf(uid: number): readonly number[] {
  return asked('id', '-G', String(uid))?.split(' ').map(Number) ?? [];
}

export function nameOf(uid: number): string {
  return asked('id', '-nu', String(uid)) ?? String(uid);
}

export function groupName(gid: number): string {
  return asked('getent', 'group', String(gid))?.split(':')[0] ?? String(gid);
}

/** Of the user and the group of these names; `undefined` when there are none here. */
export function idsOf(user: string, group: string): { readonly uid: number; readonly gid: number } | undefined {
  const [uid, gid] = [asked('id', '-u', user), asked('getent', 'group', group)?.split(':')[2]];
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}

function asked(command: string, ...words: readonly string[]): string | undefined {
  try {
    return execFileSync(command, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
}
