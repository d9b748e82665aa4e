import type { DatabasePlace } from '../../domain/databasePlace.ts';
import { SelfprovError } from '../../domain/errors.ts';
import { checked, checkedPort, path, type Rule } from './checkedValues.ts';

/** Name under which Debian's package `odbc-postgresql` enters its driver. */
export const USUAL_DRIVER = 'PostgreSQL Unicode';

const USUAL_PORT = 5432;
const name: Rule = { pattern: /^[\w.-]{1,63}$/, words: 'up to 63 letters, digits, dots, dashes and underscores' };
const host: Rule = { pattern: /^[\w.:-]{1,255}$/, words: 'a name or an address' };
const password: Rule = { pattern: /^[!-:<-~]{0,128}$/, words: 'up to 128 characters without spaces and semicolons' };
/** Of those that a URL can have, the ones that say how to connect. */
const OPTIONS = ['sslmode', 'sslrootcert', 'sslcert', 'sslkey'] as const;

/** How Asterisk reads the accounts: with which of its drivers, and the files and values that are only for that one. */
export interface DatabaseFiles {
  /** As extconfig.conf has it. */
  readonly driver: 'sqlite3' | 'odbc';
  /** Included at the end of the files of these names. */
  readonly included: readonly string[];
  /** To be copied into a file that knows no includes. */
  readonly copied: readonly string[];
  readonly values: Readonly<Record<string, string>>;
}

/** `odbcDriver`: its name in odbcinst.ini, or its library. Refuses what would mean something else to Asterisk than it says. */
export function databaseFiles(place: DatabasePlace, odbcDriver: string): DatabaseFiles {
  if ('file' in place) {
    const values = { DATABASE_FILE: checked('the database file', place.file, path) };
    return { driver: 'sqlite3', included: ['res_config_sqlite3.conf'], copied: [], values };
  }
  const url = new URL(place.url.reveal());
  return {
    driver: 'odbc',
    included: ['res_odbc.conf'],
    copied: ['odbc.ini'],
    values: {
      ODBC_DRIVER: odbcDriver,
      DATABASE_HOST: checked('the host of the database', url.hostname.replace(/^\[|\]$/g, ''), host),
      DATABASE_PORT: checkedPort('the port of the database', Number(url.port || USUAL_PORT)),
      DATABASE_NAME: checked('the name of the database', decodeURIComponent(url.pathname.slice(1)), name),
      DATABASE_USER: checked('the user of the database', decodeURIComponent(url.username), name),
      DATABASE_PASSWORD: checkedDatabasePassword(decodeURIComponent(url.password)),
      DATABASE_OPTIONS: OPTIONS.map((option) => connectOption(option, url.searchParams.get(option))).join(''),
    },
  };
}

function connectOption(option: string, value: string | null): string {
  return value === null
    ? ''
    : ` ${option}=${checked(option, value, /^ssl(?:root)?(?:cert|key)$/.test(option) ? path : name)}`;
}

/** The refusal does not show it. */
function checkedDatabasePassword(text: string): string {
  if (password.pattern.test(text)) return text;
  throw new SelfprovError('invalid', `This cannot be the password of the database: it must be ${password.words}.`);
}
