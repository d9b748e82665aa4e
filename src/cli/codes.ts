import { Option, type Command } from 'commander';
import { addCode, codeOf, listCodes, printCode, removeCode, type CodeShown } from '../administration/codes.ts';
import { formatMac, type Mac } from '../domain/mac.ts';
import type { Families } from '../phones/family/family.ts';
import { durationArgument, macArgument } from './arguments.ts';
import { takingAway } from './confirm.ts';
import type { Paper } from '../letters/paper.ts';
import { formOf, letterFile, paperOption } from './letters.ts';
import { factsOf, formatTime, tableOf } from './output.ts';
import { refuseExisting, writePrivately } from './privateFile.ts';
import type { Run } from './run.ts';

interface Options {
  readonly user: string;
  readonly expires: number;
  readonly family?: string;
  readonly mac?: Mac;
  readonly letter?: string;
  readonly paper: Paper;
  readonly force?: boolean;
}

/** `selfprov code …` */
export function codeCommands(program: Command, run: Run, families: () => Families): void {
  const code = program.command('code').description('one-time codes: keyed once instead of extension and PIN');

  code
    .command('new')
    .description('make one and print it; it is not shown again')
    .requiredOption('--user <extension>', 'whose phone it makes')
    .addOption(
      new Option('--expires <time>', 'how long it can be used: 30m, 12h, 7d')
        .argParser(durationArgument)
        .default(durationArgument('7d'), '7d'),
    )
    .option('--family <family>', 'only on a phone of this family')
    .option('--mac <mac>', 'only on this phone', macArgument)
    .option(
      '--letter <file>',
      'print it on the sheet for its user instead, .pdf or .html; nobody else sees it',
      letterFile,
    )
    .addOption(paperOption())
    .option('--force', 'write over a file that is there')
    .action(
      run(async (core, { user, expires, family, mac, letter, paper, force = false }: Options) => {
        const known = families().all.map(({ id }) => id);
        const input = {
          ...{ tenantId: core.tenantId, extension: user, lasts: expires },
          ...(family === undefined ? {} : { family }),
          ...(mac === undefined ? {} : { mac }),
        };
        if (letter !== undefined) {
          refuseExisting([letter], force);
          const shown = await printCode(core, known, input, formOf(letter, paper), (content, commit) =>
            writePrivately([{ path: letter, content: () => Promise.resolve(content) }], force, commit),
          );
          const about = {
            Letter: letter,
            Extension: user,
            Until: formatTime(shown.expiresAt),
            'Only for': onlyFor(shown),
          };
          return { data: { ...shown, file: letter }, text: factsOf(about) };
        }
        const made = await addCode(core, known, input);
        const data = { ...made, code: made.code.reveal() };
        const text = factsOf({
          Code: data.code.replace(/(\d{4})(?=\d)/g, '$1 '),
          Extension: made.extension,
          Until: formatTime(made.expiresAt),
          'Only for': onlyFor(made),
        });
        return { data, text: `${text}\n\nDial the self-provisioning extension, key the code and #.` };
      }),
    );

  code
    .command('list')
    .description('all codes of the last weeks')
    .action(
      run(async (core) => {
        const data = await listCodes(core, core.tenantId);
        const rows = data.map((each) => [
          each.id.slice(0, 8),
          each.extension,
          stateOf(each, core.now()),
          onlyFor(each) ?? '',
        ]);
        return { data, text: tableOf(['CODE', 'EXTENSION', 'STATE', 'ONLY FOR'], rows, 'There are no codes.') };
      }),
    );

  takingAway(code.command('remove <id>').description('take one back'), run, {
    async what(core, id: string) {
      const { id: whole, extension } = await codeOf(core, core.tenantId, id);
      return `The code ${whole.slice(0, 8)} of ${extension} is worth nothing then.`;
    },
    async work(core, id: string) {
      await removeCode(core, core.tenantId, id);
      return { data: { id }, text: `Code ${id} is worth nothing any more.` };
    },
  });
}

function onlyFor({ family, mac }: CodeShown): string | null {
  return [family, mac === null ? null : formatMac(mac)].filter((each) => each !== null).join(', ') || null;
}

function stateOf({ usedAt, expiresAt }: CodeShown, now: number): string {
  if (usedAt !== null) return `used ${formatTime(usedAt)}`;
  return now < expiresAt ? `until ${formatTime(expiresAt)}` : 'expired';
}
