import { refuse } from './settingKinds.ts';
import type { Setting } from './settings.ts';

/**
 * A pattern of numbers in Asterisk's notation without the underscore: digits, `*`, `#`, `X` (0-9), `Z` (1-9), `N` (2-9), `[15-7]`,
 * and a dot at the end for one character or more.
 */
export type DialRule = string;

/** What a rule says, place by place. */
export interface DialPattern {
  /** The characters that fit each place. */
  readonly places: readonly string[];
  /** Whether more follows, of any length. */
  readonly isOpen: boolean;
}

const DIGITS = '0123456789';
const LETTERS: Readonly<Record<string, string>> = { X: DIGITS, Z: DIGITS.slice(1), N: DIGITS.slice(2) };
const RULE = /^(?:[\d*#XZN]|\[(?:\d(?:-\d)?)+\]){1,32}\.?$/;

export const dialRule: Setting<DialRule> = {
  about: 'numbers that are dialled at once when they are complete',
  placeholder: 'pattern',
  read(given) {
    const rule = given.trim().replace(/^_/, '').toUpperCase();
    if (!RULE.test(rule) || patternOf(rule).places.includes(''))
      return refuse(`${JSON.stringify(given)} is not a pattern like 1[5-7]XX, *XX or 0.`);
    return rule;
  },
  show: (value) => value,
};

export function patternOf(rule: DialRule): DialPattern {
  const places = rule.match(/\[[^\]]*\]|[^.]/g) ?? [];
  return { places: places.map(charactersOf), isOpen: rule.endsWith('.') };
}

function charactersOf(place: string): string {
  if (!place.startsWith('[')) return LETTERS[place] ?? place;
  const ranges = [...place.matchAll(/(\d)(?:-(\d))?/g)].map(([, from = '', to = from]) => [from, to] as const);
  // A range that runs backwards makes the whole set wrong.
  if (ranges.some(([from, to]) => from > to)) return '';
  return [...DIGITS].filter((digit) => ranges.some(([from, to]) => digit >= from && digit <= to)).join('');
}

/**
 * The same numbers but these: a phone that dials a rule's numbers at once would never get past them. A rule without a fixed
 * length waits for the next key, so it stays.
 */
export function without(pattern: DialPattern, numbers: readonly string[]): readonly DialPattern[] {
  if (pattern.isOpen) return [pattern];
  return numbers.reduce<readonly DialPattern[]>(
    (patterns, number) => patterns.flatMap((each) => withoutOne(each, number)),
    [pattern],
  );
}

function withoutOne(pattern: DialPattern, number: string): readonly DialPattern[] {
  const { places } = pattern;
  const keys = [...number];
  if (keys.length !== places.length || !keys.every((key, at) => places[at]?.includes(key) === true)) return [pattern];
  // All that differ from the number at one place first: the places before are the number's own.
  return places.flatMap((place, at) => {
    const others = place.replace(keys[at] ?? '', '');
    if (others === '') return [];
    return [{ places: [...keys.slice(0, at), others, ...places.slice(at + 1)], isOpen: false }];
  });
}
