import { InvalidArgumentError, type Command } from 'commander';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { extname } from 'node:path';
import {
  checkedBy,
  generatedPins,
  importUsers,
  previewUsers,
  type LettersWanted,
} from '../administration/tables/importUsers.ts';
import { countsOf } from '../administration/tables/planTable.ts';
import { userColumnNames, userLines, usersKind } from '../administration/tables/users.ts';
import type { Paper } from '../letters/paper.ts';
import { exportCommand } from './exportCommand.ts';
import { formatOf, formOf, paperOption } from './letters.ts';
import { planOutput } from './planOutput.ts';
import { pinFiles } from './pinFiles.ts';
import { progressOn } from './progress.ts';
import type { Run } from './run.ts';
import type { UserNeeds } from './users.ts';

/** `selfprov user export` and `import` */
export function userTableCommands(user: Command, run: Run, needs: TableNeeds): void {
  exportCommand(user, run, 'users', async ({ store, tenantId }) => {
    const { columns } = await usersKind(store, tenantId);
    return { columns, things: await userLines(store, tenantId) };
  });
  importCommand(user, run, needs);
}

type TableNeeds = Pick<UserNeeds, 'checkNumbers' | 'errors'>;

interface ImportOptions {
  readonly apply?: boolean;
  readonly pins?: string;
  readonly letters?: string;
  readonly paper: Paper;
  readonly force?: boolean;
}

function importCommand(user: Command, run: Run, { checkNumbers, errors }: TableNeeds): void {
  user
    .command('import <file>')
    .description('add and change users by a table (CSV): says what it would do, and every mistake by its line')
    .option('--apply', 'do it: all lines, or none')
    .option('--pins <file>', 'write the PINs that are made up into this file (CSV); they are not shown again')
    .option('--letters <where>', 'print a letter for each new PIN: a .pdf or .html with all, or a folder', lettersPlace)
    .addOption(paperOption())
    .option('--force', 'write over files that are there')
    .addHelpText('after', `\nColumns: ${userColumnNames().join(', ')}. An empty cell says nothing.`)
    .action(
      run(async (core, name: string, options: ImportOptions) => {
        const letters = lettersOf(options);
        const file = readFileSync(name);
        const planned = await previewUsers(core, core.tenantId, file, letters);
        const isNew = planned.lines.filter(({ change }) => change.what === 'new').map(({ key }) => key);
        const checks = await checkNumbers(core, isNew);
        const plan = checkedBy(checks, planned);
        const made = generatedPins(plan);
        const apply = options.apply === true && plan.mistakes.length === 0;
        if (apply) {
          const { keep, places } = pinFiles(options, letters, planned, progressOn(errors, 'files written'));
          await importUsers(core, core.tenantId, file, planned, {
            letters,
            keep,
            progress: progressOn(errors, 'PINs hashed'),
          });
          const counts = countsOf(plan);
          const text = `${counts.new} users are new, ${counts.changed} changed, ${counts.unchanged} as before.`;
          const warnings = [...checks.values()].flatMap(({ warning }) => warning ?? []);
          return {
            data: { imported: true, ...counts, files: places, warnings },
            text: [text, ...places, ...warnings].join('\n'),
          };
        }
        const places = [options.pins, options.letters].filter((place) => place !== undefined);
        const where =
          places.length === 0 ? 'say where they go with --pins or --letters' : `for ${places.join(' and ')}`;
        return planOutput(plan, [
          ...(made === 0 ? [] : [`PINs to be made up: ${made}; ${where}.`]),
          'Nothing is imported yet: --apply does it.',
        ]);
      }),
    );
}

function lettersPlace(where: string): string {
  const isFolder = extname(where) === '' || (existsSync(where) && statSync(where).isDirectory());
  if (!isFolder && formatOf(where) === undefined) throw new InvalidArgumentError('Give a .pdf, an .html, or a folder.');
  return where;
}

function lettersOf({ letters, paper }: ImportOptions): LettersWanted | null {
  if (letters === undefined) return null;
  return { form: formOf(letters, paper), inOne: formatOf(letters) !== undefined };
}
