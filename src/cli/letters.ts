import { InvalidArgumentError, Option, type Command } from 'commander';
import { extname } from 'node:path';
import { LETTER_FORMATS, printLetter, type LetterForm } from '../administration/letters.ts';
import { userByExtension } from '../administration/users.ts';
import { PAPERS, type Paper } from '../letters/paper.ts';
import { LANGUAGES } from '../letters/words/languages.ts';
import { factsOf } from './output.ts';
import { refuseExisting, writePrivately } from './privateFile.ts';
import type { Run } from './run.ts';

interface Options {
  readonly out: string;
  readonly language?: string;
  readonly pin?: string;
  readonly paper: Paper;
  readonly force?: boolean;
}

/** `selfprov user letter` */
export function letterCommand(user: Command, run: Run): void {
  user
    .command('letter <extension>')
    .description(
      'print the sheet for the person who gets a phone, with a NEW PIN; the one before is worth nothing then',
    )
    .requiredOption('--out <file>', 'where to: a name that ends in .pdf or .html', letterFile)
    .option('--language <language>', `instead of that of the user's phones: ${Object.keys(LANGUAGES).join(', ')}`)
    .option('--pin <digits>', 'PIN instead of a generated one')
    .addOption(paperOption())
    .option('--force', 'write over a file that is there')
    .action(
      run(async (core, extension: string, { out, paper, force = false, ...choice }: Options) => {
        const found = await userByExtension(core, core.tenantId, extension);
        refuseExisting([out], force);
        const printed = await printLetter(core, found, { ...choice, ...formOf(out, paper) }, (content, commit) =>
          writePrivately([{ path: out, content: () => Promise.resolve(content) }], force, commit),
        );
        const { name, language, missingLanguage } = printed;
        const spoken = new Intl.DisplayNames('en', { type: 'language' }).of(language) ?? language;
        const text = factsOf({
          Extension: extension,
          Name: name,
          Letter: out,
          Language: missingLanguage === null ? spoken : `${spoken}: there are no letters in ${missingLanguage}`,
          PIN: 'a new one, in the letter only; the one before is worth nothing from now on',
        });
        return { data: { ...printed, file: out }, text };
      }),
    );
}

export function paperOption(): Option {
  return new Option('--paper <size>', 'of a PDF').choices(Object.keys(PAPERS)).default('a4');
}

/** By the end of the file's name. */
export function formOf(file: string, paper: Paper): LetterForm {
  return formatOf(file) === 'html' ? { format: 'html' } : { format: 'pdf', paper };
}

export function formatOf(file: string): LetterForm['format'] | undefined {
  return LETTER_FORMATS.find((format) => extname(file).toLowerCase() === `.${format}`);
}

export function letterFile(file: string): string {
  if (formatOf(file) === undefined) throw new InvalidArgumentError('Give a file name that ends in .pdf or .html.');
  return file;
}
