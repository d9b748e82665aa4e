import type { AsteriskName } from '../domain/addresses.ts';
import { describePlace, type DatabasePlace } from '../domain/databasePlace.ts';
import type { Output } from './output.ts';

/** What has been written for an existing Asterisk. */
export interface WrittenFiles {
  /** One without a name, or several. */
  readonly asterisks: readonly {
    readonly name: AsteriskName;
    readonly directory: string;
    readonly files: readonly string[];
    readonly include: readonly { readonly file: string; readonly section: string | null; readonly line: string }[];
  }[];
  readonly environmentFile: string;
  /** As Asterisk reads it. */
  readonly database: DatabasePlace;
  /** What default lines of each tenant may dial, and the context of the administrator's own that routes it. */
  readonly emergency: readonly { readonly tenant: string; readonly numbers: readonly string[] }[];
  readonly emergencyContext: string;
  readonly warnings: readonly string[];
}

/** What an administrator has to do with the files that have been written. */
export function filesWritten(written: WrittenFiles): Output {
  const { asterisks, environmentFile, database, emergency, emergencyContext, warnings } = written;
  const text = [
    ...asterisks.flatMap(({ name, directory, files, include }) => [
      `Wrote ${files.join(', ')} to ${directory}.`,
      ...(name === null ? [] : [`They are for the Asterisk ${name}: copy the folder there, to the same place.`]),
      '',
      `Add these lines to ${name === null ? "your Asterisk's own files" : 'its own files'}:`,
      '',
      ...include.map(
        ({ file, section, line }) => `  ${file.padEnd(24)}${section === null ? '' : `[${section}]  `}${line}`,
      ),
      `  ${'extensions.conf'.padEnd(24)}in the context of your users:  include => selfprov-users`,
      '',
    ]),
    `Route emergency calls in the context ${emergencyContext} (SELFPROV_EMERGENCY_CONTEXT names another):`,
    '',
    ...emergency.map(({ tenant, numbers }) => `  tenant ${tenant}: ${numbers.join(', ') || 'none'}`),
    '',
    ...warnings.flatMap((warning) => [warning, '']),
    ...letRead(database, asterisks[0]?.directory ?? ''),
    'Then restart Asterisk, and start selfprov with the passwords that were made:',
    '',
    `  set -a; . ${environmentFile}; set +a; selfprov serve`,
    '',
    'Every command needs the same settings: without them it has a database of its own.',
  ].join('\n');
  // One Asterisk is described where it has always been.
  const [first] = asterisks;
  const one = asterisks.length === 1 && first !== undefined ? { ...first, name: undefined } : { asterisks };
  return { data: { ...one, environmentFile, emergency, emergencyContext, warnings }, text };
}

/** What Asterisk needs to read the accounts. */
const VIEWS = 'ps_endpoints, ps_auths, ps_aors, selfprov_numbers';

function letRead(database: DatabasePlace, directory: string): readonly string[] {
  if ('file' in database) return ['Let Asterisk read and write the database:', '', `  ${database.file}`, ''];
  const user = decodeURIComponent(new URL(database.url.reveal()).username);
  return [
    `Let Asterisk read the database ${describePlace(database)}: it needs Debian's package odbc-postgresql, the section`,
    '[selfprov] of this file in /etc/odbc.ini, and as a user of its own no more than these rights:',
    '',
    `  cat ${directory}/odbc.ini >> /etc/odbc.ini`,
    `  GRANT SELECT ON ${VIEWS} TO "${user}";`,
    '',
  ];
}
