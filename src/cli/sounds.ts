import type { Command } from 'commander';
import { SelfprovError } from '../domain/errors.ts';
import type { Languages, MissingSound } from '../sounds/languages.ts';
import { printed, tableOf, type Output } from './output.ts';

/** `selfprov sounds …`. `read` gives `null` when the sounds cannot be seen from here. */
export function soundsCommands(program: Command, read: () => Languages | null, print: (text: string) => void): void {
  program
    .command('sounds')
    .description('what callers hear')
    .command('check')
    .argument('[language]', 'this one only; ends with status 1 when it is not complete')
    .description('show which languages have every prompt, what the others lack, and whose digits are said')
    .action((language?: string) => {
      const shown = chosen(read(), language);
      print(printed(program, report(shown)));
      if (language !== undefined && !shown.every(({ complete }) => complete)) {
        throw new SelfprovError('invalid', `language ${language} is not complete`);
      }
    });
}

function chosen(all: Languages | null, language: string | undefined): Languages {
  if (all === null) {
    throw new SelfprovError(
      'not_found',
      'the sounds cannot be seen from here: SELFPROV_SOUNDS is a folder of Asterisk',
    );
  }
  if (language === undefined) return all;
  const found = all.filter((one) => one.language === language);
  if (found.length > 0) return found;
  const there = all.map((one) => one.language).join(', ') || 'none';
  throw new SelfprovError('not_found', `there is no language ${language}; there are: ${there}`);
}

function report(languages: Languages): Output {
  const rows = languages.map(({ language, complete, ownDigits, missingPrompts }) => [
    language,
    complete ? 'complete' : `${missingPrompts.length} missing`,
    ownDigits ? 'own' : "Asterisk's",
  ]);
  const gaps = languages.flatMap(({ language, missingPrompts, missingDigits }) => [
    ...lacks(language, missingPrompts),
    ...(areAll(missingDigits) ? [] : lacks(`${language}, digits`, missingDigits)),
  ]);
  const table = tableOf(['LANGUAGE', 'PROMPTS', 'DIGITS'], rows, 'There are none.');
  return { data: languages, text: [table, ...gaps].join('\n\n') };
}

/** A language that has none of the ten digits is not meant to have them. */
function areAll(missing: readonly MissingSound[]): boolean {
  return missing.length === 10 && missing.every(({ khz }) => khz.length === 2);
}

function lacks(what: string, missing: readonly MissingSound[]): readonly string[] {
  if (missing.length === 0) return [];
  const lines = missing.map(({ name, khz }) => `  ${name} (${khz.join(' and ')} kHz)`);
  return [`Missing in ${what}:\n${lines.join('\n')}`];
}
