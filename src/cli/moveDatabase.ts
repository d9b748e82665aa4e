import type { Command } from 'commander';
import type { Progress } from '../administration/tables/newPins.ts';
import { describePlace, type DatabasePlace } from '../domain/databasePlace.ts';
import { SelfprovError } from '../domain/errors.ts';
import { progressOn } from './progress.ts';
import { printed, tableOf, type Output } from './output.ts';

export interface MoveRequest {
  readonly from?: string;
  readonly to?: string;
}

export interface Moved {
  readonly from: string;
  readonly to: DatabasePlace;
  readonly siteKey: string;
  readonly tables: readonly { readonly table: string; readonly rows: number }[];
}

export type MoveDatabase = (request: MoveRequest, progress: Progress) => Promise<Moved>;

/** `selfprov move-database` */
export function moveDatabaseCommand(
  program: Command,
  move: MoveDatabase,
  print: (text: string) => void,
  errors: Pick<NodeJS.WritableStream, 'write'>,
): void {
  program
    .command('move-database')
    .description('copy everything from SQLite into an empty PostgreSQL database, and compare both row by row')
    .option('--from <file>', 'the SQLite database, instead of the one that the environment names')
    .option('--to <url>', '- for postgresql://user:password@host/name on standard input', withoutPassword)
    .addHelpText(
      'after',
      `
Stop selfprov and Asterisk before: nobody may have the SQLite database open. The PostgreSQL database has to be there, and
empty; without --to it is that of SELFPROV_DATABASE_URL. Nothing is changed in the SQLite database.`,
    )
    .action(async (request: MoveRequest) => {
      print(printed(program, shown(await move(request, progressOn(errors, 'rows copied')))));
    });
}

function withoutPassword(text: string): string {
  if (!/:\/\/[^/@]*:[^/@]*@|[?&]password=/.test(text)) return text;
  // Commander would show it once more.
  throw new SelfprovError(
    'invalid',
    'others can see a password in a command: give --to - and the URL on standard input',
  );
}

function shown({ from, to, siteKey, tables }: Moved): Output {
  const all = tables.reduce((sum, { rows }) => sum + rows, 0);
  const text = [
    `${all} rows are in ${describePlace(to)} as they are in ${from}: each has been compared.`,
    '',
    tableOf(
      ['TABLE', 'ROWS'],
      tables.map(({ table, rows }) => [table, String(rows)]),
      '',
    ),
    '',
    `From now on nothing may use ${from}: keep it as a backup.`,
    '',
    'Set this for selfprov and for every command, and SELFPROV_DATABASE no more:',
    '',
    '  SELFPROV_DATABASE_URL           the URL that this database was moved to',
    '  SELFPROV_ASTERISK_DATABASE_URL  the same with the user that Asterisk reads it as, who may read the views only',
    '',
    'Then, so that Asterisk reads its accounts there:',
    '',
    '  selfprov asterisk-files DIR, and what it says; not where "selfprov start" runs the Asterisk',
    '  restart Asterisk, start selfprov',
    '',
    `Whatever machine selfprov runs on needs the same site key: ${siteKey}`,
  ].join('\n');
  return { data: { from, to: describePlace(to), rows: all, tables }, text };
}
