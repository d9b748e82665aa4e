/** Above so many pairs of lines the shortest difference is not looked for: all goes and all comes. */
const MOST_PAIRS = 4_000_000;

/** What makes of one text the other: lines that go (`-…`) and lines that come (`+…`), in their order. Empty for the same. */
export function lineDiff(before: string, after: string): readonly string[] {
  if (before === after) return [];
  const [was, is] = [before.split(/\r?\n/), after.split(/\r?\n/)];
  let start = 0;
  while (start < Math.min(was.length, is.length) && was[start] === is[start]) start += 1;
  let [endWas, endIs] = [was.length, is.length];
  while (endWas > start && endIs > start && was[endWas - 1] === is[endIs - 1])
    [endWas, endIs] = [endWas - 1, endIs - 1];
  return shortest(was.slice(start, endWas), is.slice(start, endIs));
}

/** By the longest lines in common: `common[i][j]` is how many there are from `was[i]` and `is[j]` on. */
function shortest(was: readonly string[], is: readonly string[]): readonly string[] {
  const goes = (from: number, to = was.length): string[] => was.slice(from, to).map((line) => `-${line}`);
  const comes = (from: number, to = is.length): string[] => is.slice(from, to).map((line) => `+${line}`);
  if (was.length * is.length > MOST_PAIRS) return [...goes(0), ...comes(0)];
  const common = Array.from({ length: was.length + 1 }, () => new Uint16Array(is.length + 1));
  const at = (i: number, j: number): number => common[i]?.[j] ?? 0;
  for (let i = was.length - 1; i >= 0; i--) {
    const row = common[i];
    for (let j = is.length - 1; j >= 0 && row !== undefined; j--) {
      row[j] = was[i] === is[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const diff: string[] = [];
  let [i, j] = [0, 0];
  while (i < was.length && j < is.length) {
    if (was[i] === is[j]) [i, j] = [i + 1, j + 1];
    else if (at(i + 1, j) >= at(i, j + 1)) diff.push(...goes(i, ++i));
    else diff.push(...comes(j, ++j));
  }
  return [...diff, ...goes(i), ...comes(j)];
}
