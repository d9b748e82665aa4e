/** Spreadsheets take a cell that begins so for a formula, and run it. */
const FORMULA = /^'*[=+\-@\t\r\n＝＋－＠]/u;
const GUARDED = /^''*[=+\-@\t\r\n＝＋－＠]/u;

/** The cell so that no spreadsheet runs it: with an apostrophe before it where it would. */
export function guarded(cell: string): string {
  return FORMULA.test(cell) ? `'${cell}` : cell;
}

/** What `guarded` was given. */
export function unguarded(cell: string): string {
  return GUARDED.test(cell) ? cell.slice(1) : cell;
}
