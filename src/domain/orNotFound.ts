import { SelfprovError } from './errors.ts';

/** `thing`, or a `not_found` that says what is missing. */
export function orNotFound<T>(thing: T | undefined, what: string): T {
  if (thing === undefined) throw new SelfprovError('not_found', `there is no ${what}`);
  return thing;
}
