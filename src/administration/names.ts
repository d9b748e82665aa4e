import { SelfprovError } from '../domain/errors.ts';
import { orNotFound } from '../domain/orNotFound.ts';
import { didYouMean } from '../domain/similar.ts';

const LONGEST_NAME = 200;

/** What is shown to people, and what things of a kind are told apart by. Throws `invalid`. */
export function goodName(given: string): string {
  const name = given.trim();
  const length = [...name].length;
  if (length === 0 || length > LONGEST_NAME)
    throw new SelfprovError('invalid', `a name has 1 to ${LONGEST_NAME} characters`);
  // Half of a character is none, and not every database keeps it.
  if (/\p{Cs}/u.test(name)) throw new SelfprovError('invalid', 'a name has whole characters');
  if (/\p{Cc}/u.test(name)) throw new SelfprovError('invalid', 'a name has no line breaks or control characters');
  return name;
}

/** The one of this name; throws `not_found` and says which there are. */
export function named<T extends { readonly name: string }>(all: readonly T[], name: string, what: string): T {
  const found = all.find((each) => each.name === name) ?? onlyOneLike(all, name);
  if (found !== undefined) return found;
  const names = all.map((each) => each.name);
  const there = names.join(', ') || 'none';
  throw new SelfprovError('not_found', `there is no ${what} ${name}; there are: ${there}${didYouMean(name, names)}`);
}

/** The one whose id begins so; throws `not_found` when none does, or several. `what` says what is looked for, and where to look. */
export function beginningWith<T extends { readonly id: string }>(
  all: readonly T[],
  beginning: string,
  what: string,
): T {
  const [one, ...others] = all.filter(({ id }) => id.startsWith(beginning));
  return orNotFound(others.length === 0 ? one : undefined, what);
}

/** Throws `not_found` for a family that is not there. */
export function checkFamily(families: readonly string[], family: string | null): void {
  if (family !== null && !families.includes(family)) throw new SelfprovError('not_found', noFamily(families, family));
}

/** For a reader. */
export function noFamily(families: readonly string[], family: string): string {
  return `there is no family ${family}: see "selfprov families"${didYouMean(family, families)}`;
}

/** Upper and lower case are not worth an error. */
function onlyOneLike<T extends { readonly name: string }>(all: readonly T[], name: string): T | undefined {
  const alike = all.filter((each) => each.name.toLowerCase() === name.toLowerCase());
  return alike.length === 1 ? alike[0] : undefined;
}
