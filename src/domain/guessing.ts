import { afterWrong, isLocked, NO_TRIES } from './lockout.ts';

/** Different digits that a PIN has at least, unless it has fewer than five (`isTrivialPin`). */
const DIFFERENT = 4;

/**
 * How many PINs of so many digits (4 to 12) are taken for no user in particular: all but those that `isTrivialPin` refuses. One
 * that has the extension in it is refused besides, which is a handful.
 */
export function possiblePins(digits: number): number {
  const different = Math.min(DIFFERENT, digits - 1);
  // Up and down from each digit; those have more different digits than are needed.
  const runs = 20;
  // A group that is repeated, whose length divides that of the PIN; none is counted twice up to 12 digits.
  const groups = Array.from({ length: digits - 1 }, (_, at) => at + 1).filter((length) => digits % length === 0);
  const repeated = groups.reduce((sum, length) => sum + withDifferent(length, different), 0);
  return withDifferent(digits, different) - runs - repeated;
}

/** Numbers of so many digits with at least so many different ones. */
function withDifferent(digits: number, least: number): number {
  let counts = [1, ...Array.from({ length: 10 }, () => 0)];
  for (let at = 0; at < digits; at++)
    counts = counts.map((count, different) => count * different + (counts[different - 1] ?? 0) * (11 - different));
  return counts.slice(least).reduce((sum, count) => sum + count, 0);
}

/** How many wrong PINs one extension takes within so long, when nobody keys its right one: the first at once, each as soon as it may be. */
export function triesWithin(ms: number): number {
  let [tries, wrong, now] = [NO_TRIES, 0, 0];
  while (now < ms) {
    while (!isLocked(tries, now)) {
      tries = afterWrong(tries, now);
      wrong += 1;
    }
    now = tries.lockedUntil ?? ms;
  }
  return wrong;
}

/** How likely it is that somebody guesses a PIN. */
export interface Guessing {
  readonly digits: number;
  /** PINs that may be. */
  readonly possible: number;
  /** Of one extension, within the time. */
  readonly tries: number;
  /** From 0 to 1: of one extension that is tried all the time, and of any of all. */
  readonly chance: number;
  readonly chanceOfAny: number;
}

/**
 * The chance that somebody who tries all the time guesses a PIN within so long: of one user, and of any of `users` who are all
 * tried at once. It is taken that all possible PINs are equally likely, which holds for those that are made up here; that no
 * PIN is tried twice; that the guesser has as many phones as it takes, as each is locked by wrong PINs too; and that no user keys
 * the right PIN meanwhile, which lets the count begin anew.
 */
export function guessing(digits: number, within: number, users: number): Guessing {
  const possible = possiblePins(digits);
  const tries = triesWithin(within);
  const chance = Math.min(1, tries / possible);
  return { digits, possible, tries, chance, chanceOfAny: 1 - (1 - chance) ** users };
}
