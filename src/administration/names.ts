import { SelfprovError } from '../domain/errors.ts';

const LONGEST_NAME = 200;

/** What is shown to people. Throws `invalid`. */
export function goodName(given: string): string {
  const name = given.trim();
  const length = [...name].length;
  if (length === 0 || length > LONGEST_NAME)
    throw new SelfprovError('invalid', `a name has 1 to ${LONGEST_NAME} characters`);
  if (/\p{Cc}/u.test(name)) throw new SelfprovError('invalid', 'a name has no line breaks or control characters');
  return name;
}
