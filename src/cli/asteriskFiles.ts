import type { AsteriskName } from '../domain/addresses.ts';
import { describePlace, type DatabasePlace } from '../domain/databasePlace.ts';
import { SelfprovError } from '../domain/errors.ts';
import type { SiteChange } from '../domain/siteChange.ts';
import { lineDiff } from '../provisioning/files/lineDiff.ts';
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
  /** It is looked for there without being told. */
  readonly isUsualFile: boolean;
  /** As Asterisk reads it. */
  readonly database: DatabasePlace;
  /** What default lines of each tenant may dial, and the context of the administrator's own that routes it. */
  readonly emergency: readonly { readonly tenant: string; readonly numbers: readonly string[] }[];
  readonly emergencyContext: string;
  readonly warnings: readonly string[];
}

/** What becomes of the files of an existing Asterisk. */
export interface SiteInstall {
  readonly changes: readonly SiteChange[];
  /** `null` as long as nothing is written. */
  readonly written: WrittenFiles | null;
  /** Asterisk reads some files at its start only, and drops calls with it. */
  readonly needsRestart: boolean;
  /** Files of selfprov's own that say something else now. */
  readonly anew: readonly string[];
  /** Asterisk has read again what it reads without dropping anything. */
  readonly reloaded: boolean;
  /** What else there is to do, for a reader. */
  readonly left: readonly string[];
  /** What does not fit the dialplan that runs; `undefined` while Asterisk cannot be asked. */
  readonly warnings: readonly string[] | undefined;
}

/** Where Asterisk's own files are, and whether they are changed or it is only said how. */
interface At {
  readonly etc: string;
  readonly apply: boolean;
}

export interface FilesActions {
  /** Without a directory: where they were written before, else the usual one. */
  asteriskFiles(directory: string | undefined): Promise<WrittenFiles>;
  installAt(directory: string | undefined, at: At): Promise<SiteInstall>;
  removeFrom(directory: string | undefined, at: At): Promise<SiteInstall>;
}

export interface FilesOptions {
  readonly apply?: boolean;
  readonly dryRun?: boolean;
  readonly remove?: boolean;
  readonly etc: string;
}

/** `selfprov asterisk-files` */
export async function asteriskFiles(
  { asteriskFiles: write, installAt, removeFrom }: FilesActions,
  directory: string | undefined,
  { apply = false, dryRun = false, remove = false, etc }: FilesOptions,
): Promise<Output> {
  if (apply && remove)
    throw new SelfprovError('invalid', '--apply puts it in and --remove takes it out: say one of them');
  const at = { etc, apply: !dryRun };
  if (remove) return changed(await removeFrom(directory, at), at, 'taken out');
  if (!apply && !dryRun) return filesWritten(await write(directory));
  return changed(await installAt(directory, at), at, 'put in');
}

function changed(install: SiteInstall, { etc, apply }: At, done: string): Output {
  const { changes, written, anew, needsRestart, reloaded, warnings, left } = install;
  const diffs = changes.map(({ file, before, after }) => ({ file, diff: lineDiff(before ?? '', after ?? '') }));
  const afterwards = [
    ...(reloaded ? ['Asterisk has read its dialplan, its endpoints and its manager again; no call was dropped.'] : []),
    ...(needsRestart || written === null
      ? ['Restart Asterisk when no call is under way, for that drops calls: core restart when convenient.']
      : reloaded
        ? []
        : ['Asterisk does not answer selfprov: restart it, unless it has been restarted since all of it was put in.']),
  ];
  const next =
    written === null
      ? []
      : [
          ...written.warnings,
          ...('file' in written.database ? [] : letRead(written.database, written.asterisks[0]?.directory ?? '')),
          `All settings are in ${written.environmentFile}${written.isUsualFile ? ', where selfprov serve and every command look for them.' : `: tell selfprov serve, and every command, SELFPROV_CONFIG=${written.environmentFile}.`}`,
        ];
  const text = [
    ...diffs.flatMap(({ file, diff }) => [`${etc}/${file}`, ...diff.map((line) => `  ${line}`), '']),
    ...(changes.length === 0
      ? ['Nothing has to be changed in your files.']
      : apply
        ? [`All of it is ${done}.`]
        : ['Nothing is changed yet.']),
    ...(anew.length > 0 && changes.length === 0 ? [`Of selfprov's own files these are new: ${anew.join(', ')}.`] : []),
    ...left,
    ...next,
    ...(apply && (written !== null || changes.length > 0) ? afterwards : []),
    ...(warnings ?? [
      'Asterisk cannot be asked yet whether its dialplan fits: do this again once it runs with these files.',
    ]),
  ].join('\n');
  return {
    data: {
      applied: apply,
      changes: diffs,
      anew,
      needsRestart,
      reloaded,
      left,
      warnings: warnings ?? null,
      environmentFile: written?.environmentFile ?? null,
    },
    text,
  };
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
