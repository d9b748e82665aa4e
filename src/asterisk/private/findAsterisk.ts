import { execFile } from 'node:child_process';
import { access, readdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { USUAL_DRIVER } from '../configFiles/databaseFiles.ts';

/** An Asterisk that can be started with a configuration of our own. */
export interface AsteriskInstallation {
  /** For example `22.10.1`. */
  readonly version: string;
  /** The program and the arguments that must come before all others. */
  readonly command: readonly [string, ...string[]];
  readonly modules: string;
  /** Holds `sounds`, `rest-api`, `documentation` … */
  readonly data: string;
  /** For PostgreSQL: a library, or the name that the machine has for it. */
  readonly odbcDriver: string;
}

const oldestVersion = 20;
const neededModules = ['chan_pjsip.so', 'res_ari.so', 'res_config_sqlite3.so', 'res_sorcery_realtime.so'];

/**
 * The Asterisk on `searchPath` (a value like PATH) if it is 20 or later and has the modules that are needed, else the
 * private copy below `privateRoot` (`scripts/fetch-asterisk.sh` makes it), else `undefined`.
 */
export async function findAsterisk(searchPath: string, privateRoot: string): Promise<AsteriskInstallation | undefined> {
  return (await installedAsterisk(searchPath)) ?? (await privateCopy(privateRoot));
}

async function installedAsterisk(searchPath: string): Promise<AsteriskInstallation | undefined> {
  const folders = [...searchPath.split(delimiter), '/usr/sbin', '/usr/local/sbin'].filter((folder) => folder !== '');
  const program = await firstWith(
    folders.map((folder) => join(folder, 'asterisk')),
    [],
  );
  if (program === undefined) return undefined;
  const libraries = ['/usr/lib', '/usr/lib64', '/usr/local/lib', ...(await multiarchFolders('/usr/lib'))];
  const modules = await firstWith(
    libraries.map((folder) => join(folder, 'asterisk', 'modules')),
    neededModules,
  );
  const data = await firstWith(['/usr/share/asterisk', '/var/lib/asterisk'], ['rest-api', 'sounds']);
  if (modules === undefined || data === undefined) return undefined;
  return usable({ command: [program], modules, data, odbcDriver: USUAL_DRIVER });
}

/** The copy's binaries are of another Debian than the machine, so its own loader runs them with its own libraries. */
async function privateCopy(root: string): Promise<AsteriskInstallation | undefined> {
  for (const folder of await multiarchFolders(join(root, 'usr/lib'))) {
    const loader = (await readdir(folder)).find((name) => /^ld-linux.*\.so\.\d+$/.test(name));
    const modules = join(folder, 'asterisk/modules');
    if (loader === undefined || (await firstWith([modules], neededModules)) === undefined) continue;
    const libraries = [folder, join(folder, 'asterisk')].join(':');
    const program = join(root, 'usr/sbin/asterisk');
    return usable({
      command: [join(folder, loader), '--library-path', libraries, program],
      modules,
      data: join(root, 'usr/share/asterisk'),
      odbcDriver: join(folder, 'odbc/psqlodbcw.so'),
    });
  }
  return undefined;
}

async function usable(found: Omit<AsteriskInstallation, 'version'>): Promise<AsteriskInstallation | undefined> {
  const [program, ...before] = found.command;
  const printed = await promisify(execFile)(program, [...before, '-V'], { timeout: 10_000 }).catch(() => undefined);
  const version = /^Asterisk (?:certified[/-])?(\d+[.\d]*)/.exec(printed?.stdout ?? '')?.[1];
  if (version === undefined || Number.parseInt(version, 10) < oldestVersion) return undefined;
  return { ...found, version };
}

/** Debian keeps libraries in one folder per architecture, for example `x86_64-linux-gnu`. */
async function multiarchFolders(libraries: string): Promise<readonly string[]> {
  const names = await readdir(libraries).catch(() => []);
  return names.filter((name) => name.endsWith('-linux-gnu')).map((name) => join(libraries, name));
}

async function firstWith(paths: readonly string[], entries: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    const there = await Promise.all([path, ...entries.map((entry) => join(path, entry))].map(exists));
    if (there.every(Boolean)) return path;
  }
  return undefined;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
