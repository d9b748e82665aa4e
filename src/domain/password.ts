const SHORTEST = 12;
/** Nothing that is longer is looked at, and kept. */
export const LONGEST_PASSWORD = 200;
/** What is to be left without what is guessed first. */
const LEAST = 8;

/** What is wrong with a password of the administrator of this name, and what to do; `undefined`: nothing. */
export function passwordProblem(password: string, name: string): string | undefined {
  const letters = [...password.toLowerCase()];
  if (letters.length < SHORTEST || letters.length > LONGEST_PASSWORD)
    return `a password has ${SHORTEST} to ${LONGEST_PASSWORD} characters`;
  if (repeatsItself(letters)) return 'this repeats itself, and is guessed soon: take several words';
  const rest = withoutRows(withoutNames(letters.join(''), name));
  return [...rest].length < LEAST
    ? 'this is little more than your name, or letters and digits in a row, and is guessed soon: take several words'
    : undefined;
}

/** `abcabcabcabc`; who repeats what is long enough by itself may do so. */
function repeatsItself(letters: readonly string[]): boolean {
  for (let period = 1; period < SHORTEST && 2 * period <= letters.length; period++)
    if (letters.every((letter, at) => at < period || letter === letters[at - period])) return true;
  return false;
}

function withoutNames(text: string, name: string): string {
  const parts = [name, name.split('@')[0] ?? ''].filter((part) => part !== '');
  return parts.reduce((left, part) => left.replaceAll(part.toLowerCase(), ''), text);
}

/** Without `1234`, `dcba` and `9012`, three or more in their order, and without the same again and again. */
function withoutRows(text: string): string {
  const letters = [...text];
  const step = (at: number): number | null => {
    const [one, other] = [letters[at - 1], letters[at]];
    if (one === undefined || other === undefined || !/[a-z\d]{2}/.test(one + other)) return null;
    if (one + other === '90') return 1;
    if (one + other === '09') return -1;
    const by = other.charCodeAt(0) - one.charCodeAt(0);
    return Math.abs(by) <= 1 ? by : null;
  };
  const isInRow = (at: number): boolean =>
    step(at) !== null && (step(at) === step(at - 1) || step(at) === step(at + 1));
  return letters.filter((_, at) => !isInRow(at) && !isInRow(at + 1)).join('');
}
