import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SelfprovError } from './domain/errors.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where the settings of server and commands are kept, unless `SELFPROV_CONFIG` names another file. */
export const USUAL_CONFIG = '/etc/selfprov/selfprov.env';

/**
 * The environment with what the configuration file says besides: the one that `SELFPROV_CONFIG` names, else `selfprov.env` in
 * `SELFPROV_DIR`, else the usual one. What the environment says has the last word. Throws `invalid` for a line that is no setting,
 * and `unavailable` for a file that may not be read, or is missing unless it `isToBeMade`. `SELFPROV_CONFIG` names the one that was read.
 */
export function withConfigFile(
  environment: Environment,
  { usual = USUAL_CONFIG, isToBeMade = false }: { readonly usual?: string; readonly isToBeMade?: boolean } = {},
): Environment {
  const file = configFileOf(environment, usual);
  if (file === undefined || (isToBeMade && !existsSync(file))) return environment;
  return { ...readSettings(file), ...environment, SELFPROV_CONFIG: file };
}

function configFileOf(
  { SELFPROV_CONFIG: named, SELFPROV_DIR: directory }: Environment,
  usual: string,
): string | undefined {
  if (named !== undefined && named !== '') return named;
  const own = directory === undefined || directory === '' ? [] : [join(directory, 'selfprov.env')];
  return [...own, usual].find((file) => existsSync(file));
}

/** What a shell and systemd read alike. */
const SETTING = /^\s*(?<name>SELFPROV_\w+)=(?:'(?<single>[^']*)'|"(?<double>[^"\\$`]*)"|(?<plain>[^\s'"\\$`]*))\s*$/;

function readSettings(file: string): Environment {
  return settingsIn(textOf(file), file);
}

/** What a file of settings says. Throws `invalid` for a line that is no setting; `file` is its name, for a reader. */
export function settingsIn(text: string, file: string): Environment {
  const lines = text.split('\n');
  const settings: Record<string, string> = {};
  for (const [at, line] of lines.entries()) {
    if (/^\s*(?:#|$)/.test(line)) continue;
    const found = SETTING.exec(line)?.groups;
    if (found?.['name'] === undefined)
      throw new SelfprovError(
        'invalid',
        `${file}, line ${at + 1}: this is no setting like SELFPROV_DIR=/var/lib/selfprov`,
      );
    settings[found['name']] = found['single'] ?? found['double'] ?? found['plain'] ?? '';
  }
  return settings;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why =
      code === 'EACCES'
        ? 'has the settings of selfprov, and you may not read it: run this as the user of selfprov, who has to be in the group of that file, or as root'
        : code === 'ENOENT'
          ? 'is to have the settings of selfprov (SELFPROV_CONFIG), and is not there: "selfprov asterisk-files" makes it'
          : `has the settings of selfprov, and cannot be read: ${code ?? ''}`;
    throw new SelfprovError('unavailable', `${file} ${why}`, { cause });
  }
}
