import { readdirSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { DIGITS, PROMPTS } from '../ivr/prompts.ts';

/** The endings under which Asterisk's format_wav looks for a sound, with the sampling rate of each in kHz. */
const KHZ = { '.wav': 8, '.wav16': 16 } as const;

type Ending = keyof typeof KHZ;

/** A sound that is not there, or only in one of the two sampling rates. */
export interface MissingSound {
  readonly name: string;
  /** The sampling rates in which it is missing. */
  readonly khz: readonly number[];
}

/** What there is to hear in one language. */
export interface LanguageSounds {
  readonly language: string;
  /** Every prompt is there in both sampling rates; digits may be missing. */
  readonly complete: boolean;
  /** All ten digits are there. Unless they are, Asterisk's own are said: ours and its own do not go together. */
  readonly ownDigits: boolean;
  readonly missingPrompts: readonly MissingSound[];
  readonly missingDigits: readonly MissingSound[];
}

export type Languages = readonly LanguageSounds[];

/**
 * Looks what lies in a folder of languages: those that have words or audio of ours, by name. `null` when the folder cannot
 * be read; one that is not absolute is Asterisk's, and perhaps on another machine.
 */
export function readLanguages(folder: string): Languages | null {
  const names = isAbsolute(folder) ? namesIn(folder) : undefined;
  return names?.toSorted().flatMap((language) => readLanguage(folder, language) ?? []) ?? null;
}

/** The same, and each folder is read but once. */
export function languagesReader(): typeof readLanguages {
  const known = new Map<string, Languages | null>();
  return (folder) => {
    if (!known.has(folder)) known.set(folder, readLanguages(folder));
    return known.get(folder) ?? null;
  };
}

function readLanguage(folder: string, language: string): LanguageSounds | undefined {
  const files = new Set(namesIn(join(folder, language)));
  const missingPrompts = missingOf(PROMPTS, files);
  const missingDigits = missingOf(DIGITS, files);
  const isOurs = files.has('prompts.txt') || PROMPTS.some((prompt) => endingsMissing(prompt, files).length < 2);
  if (!isOurs) return undefined;
  return {
    language,
    complete: missingPrompts.length === 0,
    ownDigits: missingDigits.length === 0,
    missingPrompts,
    missingDigits,
  };
}

function missingOf(names: readonly string[], files: ReadonlySet<string>): readonly MissingSound[] {
  return names
    .map((name) => ({ name, khz: endingsMissing(name, files).map((ending) => KHZ[ending]) }))
    .filter(({ khz }) => khz.length > 0);
}

function endingsMissing(name: string, files: ReadonlySet<string>): readonly Ending[] {
  return (Object.keys(KHZ) as Ending[]).filter((ending) => !files.has(name + ending));
}

/** `undefined` for what is no folder, or one that we may not read. A link to a folder is one. */
function namesIn(folder: string): readonly string[] | undefined {
  try {
    return readdirSync(folder);
  } catch {
    return undefined;
  }
}
