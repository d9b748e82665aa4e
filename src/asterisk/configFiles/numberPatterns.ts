/**
 * Patterns of the dialplan that fit the numbers of a range, both ends included, and no others; all numbers have as many digits
 * as the ends: `8995` to `9011` is `_899[5-9]`, `_900X`, `_901[0-1]`.
 */
export function numberPatterns(from: string, to: string): readonly string[] {
  return between(from, to).map((pattern) => (/^\d+$/.test(pattern) ? pattern : `_${pattern}`));
}

function between(from: string, to: string): readonly string[] {
  if (from.length === 0) return [''];
  if (isAll(from, '0') && isAll(to, '9')) return ['X'.repeat(from.length)];
  const [first, last] = [Number(from[0]), Number(to[0])];
  const [restFrom, restTo] = [from.slice(1), to.slice(1)];
  if (first === last) return between(restFrom, restTo).map((rest) => `${first}${rest}`);
  const low = isAll(restFrom, '0') ? first : first + 1;
  const high = isAll(restTo, '9') ? last : last - 1;
  const middle = low > high ? [] : [`${digits(low, high)}${'X'.repeat(restFrom.length)}`];
  return [
    ...(low === first ? [] : between(restFrom, '9'.repeat(restFrom.length)).map((rest) => `${first}${rest}`)),
    ...middle,
    ...(high === last ? [] : between('0'.repeat(restTo.length), restTo).map((rest) => `${last}${rest}`)),
  ];
}

function digits(low: number, high: number): string {
  if (low === 0 && high === 9) return 'X';
  return low === high ? String(low) : `[${low}-${high}]`;
}

function isAll(text: string, digit: string): boolean {
  return [...text].every((each) => each === digit);
}
