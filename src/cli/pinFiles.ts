import { join } from 'node:path';
import { LETTER_FORMATS, printed } from '../administration/letters.ts';
import { madeUpPins, type GivenPin, type KeepPins, type LettersWanted } from '../administration/tables/importUsers.ts';
import type { Progress } from '../administration/tables/newPins.ts';
import type { Plan } from '../administration/tables/kind.ts';
import type { UserPlan } from '../administration/tables/users.ts';
import { makeFolder } from '../makeFolder.ts';
import { refuseExisting, writePrivately, type PrivateFile } from './privateFile.ts';

/** Spreadsheets take a file for UTF-8 when it begins so. */
export const BYTE_ORDER_MARK = '\uFEFF';

/**
 * Where the PINs of an import go: `keep` is `null` when they go nowhere. Throws `conflict` when something is there already,
 * before the slow part begins.
 */
export function pinFiles(
  {
    pins,
    letters: where,
    force = false,
  }: { readonly pins?: string; readonly letters?: string; readonly force?: boolean },
  wanted: LettersWanted | null,
  { lines }: Plan<UserPlan>,
  progress?: Progress,
): { readonly keep: KeepPins | null; readonly places: readonly string[] } {
  const places = [pins, where].filter((place) => place !== undefined);
  if (places.length === 0) return { keep: null, places };
  const inFolder = wanted === null || wanted.inOne ? [] : lines.filter(({ change }) => change.pin !== null);
  const letters = inFolder.flatMap(({ key }) => LETTER_FORMATS.map((format) => join(where ?? '', `${key}.${format}`)));
  refuseExisting([...places.filter((place) => place !== where || wanted?.inOne === true), ...letters], force);
  const keep: KeepPins = (given, commit) => {
    const files = [
      ...(pins === undefined ? [] : [pinsFile(pins, given)]),
      ...(where === undefined || wanted === null ? [] : letterFiles(where, wanted, given)),
    ];
    return writePrivately(files, force, commit, progress);
  };
  return { keep, places };
}

function pinsFile(path: string, given: readonly GivenPin[]): PrivateFile {
  const content = `${BYTE_ORDER_MARK}${madeUpPins(given)}`;
  return { path, content: () => Promise.resolve(content) };
}

function letterFiles(where: string, { form, inOne }: LettersWanted, given: readonly GivenPin[]): PrivateFile[] {
  const letters = given.flatMap(({ letter }) => (letter === null ? [] : [letter]));
  if (letters.length === 0) return [];
  const texts = letters.map(({ text }) => text);
  if (inOne) return [{ path: where, content: () => printed(texts, form) }];
  makeFolder(where, 0o700);
  return letters.map(({ text, form }) => ({
    path: join(where, `${text.extension}.${form.format}`),
    content: () => printed([text], form),
  }));
}
