/** The known word that is spelt most like `word`, as commander has it: at most a third of it is different. */
export function similar(word: string, known: readonly string[]): string | undefined {
  const all = known.map((each) => ({ each, distance: distanceOf(word.toLowerCase(), each.toLowerCase()) }));
  const near = all.filter(({ each, distance }) => distance <= Math.max(word.length, each.length) / 3);
  return near.toSorted((one, other) => one.distance - other.distance)[0]?.each;
}

/** What follows a sentence about a word that is not known; empty when there is none like it. */
export function didYouMean(word: string, known: readonly string[]): string {
  const found = similar(word, known);
  return found === undefined ? '' : `. Did you mean ${found}?`;
}

/** How many letters have to be changed, added, left out, or swapped with the next one. */
function distanceOf(one: string, other: string): number {
  const rows: number[][] = [Array.from({ length: other.length + 1 }, (_, at) => at)];
  for (let i = 1; i <= one.length; i++) {
    const row = [i];
    for (let j = 1; j <= other.length; j++) {
      const cost = one[i - 1] === other[j - 1] ? 0 : 1;
      const near = [at(i - 1, j) + 1, (row[j - 1] ?? 0) + 1, at(i - 1, j - 1) + cost];
      const isSwapped = one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      row.push(Math.min(...near, ...(isSwapped && j > 1 ? [at(i - 2, j - 2) + 1] : [])));
    }
    rows.push(row);
  }
  return at(one.length, other.length);

  function at(i: number, j: number): number {
    return rows[i]?.[j] ?? Infinity;
  }
}
