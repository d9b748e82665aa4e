/**
 * How a word is looked for: lower and upper case are one. Databases know that within ASCII; beyond it a word is looked for as it was
 * typed, and as names are written.
 */
export function likeness(word: string) {
  const lower = word.toLowerCase();
  const isPlain = /^[\x20-\x7e]*$/.test(word);
  const name = lower.replace(/^./u, (first) => first.toUpperCase());
  const all = isPlain ? [lower] : [...new Set([word, lower, name, word.toUpperCase()])];
  return {
    spellings: all.map((each) => `%${each.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`),
    like: (column: string): string =>
      all.map(() => `${isPlain ? `LOWER(${column})` : column} LIKE ? ESCAPE '\\'`).join(' OR '),
  };
}
