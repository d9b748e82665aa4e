import { CsvError, parse } from 'csv-parse/sync';
import { unguarded } from './guard.ts';
import { tableText } from './tableText.ts';

export interface Line {
  /** From 1, as an editor counts. */
  readonly number: number;
  readonly cells: readonly string[];
}

/** What is wrong with a file, for a person who looks for the place. */
export interface Mistake {
  readonly line: number;
  /** As the header has it; `null` when it is the whole line. */
  readonly column: string | null;
  readonly message: string;
}

export interface Csv {
  /** `undefined` when nothing could be read at all. */
  readonly header: Line | undefined;
  /** Those that have as many cells as the header. */
  readonly lines: readonly Line[];
  readonly mistakes: readonly Mistake[];
}

/** What spreadsheets begin a table with for one another. */
const SEPARATOR = /^"?sep=."?$/i;

/** One transaction writes them all, and whoever writes meanwhile waits: seconds, not longer. More are not even read: phones would wait. */
const MOST_LINES = 10_000;
const MOST_COLUMNS = 500;
/** Characters. */
const LONGEST_LINE = 100_000;
/** How a workbook begins, in a text: of Excel since 2007 and OpenDocument, and of Excel before. */
const WORKBOOK = /^(?:PK\u0003\u0004|ÐÏ\u0011à)/;

const DELIMITERS = [',', ';', '\t'] as const;

/**
 * Reads a table whose first line names the columns. A line of the file is a line of the table: no cell has line breaks, so a
 * quote that is not closed spoils its own line only, and each mistake has the number that an editor shows.
 */
export function readCsv(bytes: Uint8Array): Csv {
  const all = linesOf(bytes);
  if (WORKBOOK.test(all[0] ?? '')) {
    const message = 'this is a workbook, not a table in text: save it as CSV in the spreadsheet, and choose that file';
    return { header: undefined, lines: [], mistakes: [whole(1, message)] };
  }
  const at = SEPARATOR.test(all[0] ?? '') ? 2 : 1;
  const [first = '', ...rest] = all.slice(at - 1);
  if (first.trim() === '') {
    const what = rest.length === 0 ? 'the file is empty' : 'the first line is empty';
    const message = `${what}: the first line names the columns`;
    return { header: undefined, lines: [], mistakes: [whole(at, message)] };
  }
  const delimiter = delimiterOf(first);
  const header = cellsOf(first, at, delimiter);
  if ('message' in header) return { header: undefined, lines: [], mistakes: [header] };
  if (header.cells.length > MOST_COLUMNS)
    return { header: undefined, lines: [], mistakes: [whole(at, `a file has at most ${MOST_COLUMNS} columns`)] };
  if (rest.length > MOST_LINES) {
    const message = `a file has at most ${MOST_LINES} lines: make two of it`;
    return { header, lines: [], mistakes: [whole(at + 1 + MOST_LINES, message)] };
  }
  const lines: Line[] = [];
  const mistakes: Mistake[] = [];
  for (const [index, text] of rest.entries()) {
    const line = lineOf(text, at + 1 + index, delimiter, header.cells.length);
    if ('message' in line) mistakes.push(line);
    else lines.push(line);
  }
  if (rest.length === 0) mistakes.push(whole(at, 'there is no line after the header'));
  return { header, lines, mistakes };
}

function lineOf(text: string, number: number, delimiter: string, wanted: number): Line | Mistake {
  if (text.trim() === '') return whole(number, 'this line is empty: take it out');
  const line = cellsOf(text, number, delimiter);
  if ('message' in line) return line;
  const { length } = line.cells;
  if (length !== wanted) {
    const why = length > wanted ? 'a cell with a delimiter in it is written in quotes' : 'each column needs its cell';
    return whole(number, `this line has ${length} cells, and the header ${wanted}: ${why}`);
  }
  if (line.cells.every((cell) => cell.trim() === '')) return whole(number, 'this line is empty: take it out');
  return line;
}

function cellsOf(text: string, number: number, delimiter: string): Line | Mistake {
  if (text.length > LONGEST_LINE) return whole(number, `a line has at most ${LONGEST_LINE} characters`);
  try {
    const [cells = []] = parse(text, { delimiter, relax_column_count: true, record_delimiter: '\n' });
    return { number, cells: cells.map(unguarded) };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return whole(number, QUOTES[error.code] ?? error.message);
  }
}

const QUOTES: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quote is opened and not closed on this line; a quote within a cell is written twice',
  INVALID_OPENING_QUOTE: 'a quote stands within a cell: put the cell in quotes, and write the quote twice',
  CSV_INVALID_CLOSING_QUOTE: 'something follows a closing quote: a quote within a cell is written twice',
};

/** Without the end of the last line. */
function linesOf(bytes: Uint8Array): readonly string[] {
  const lines = tableText(bytes).split(/\r\n|\n|\r/);
  return lines.length > 1 && lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

/** The one that the header has most of, outside quotes. */
function delimiterOf(header: string): string {
  const bare = header.replace(/"[^"]*"/g, '');
  const count = (delimiter: string): number => bare.split(delimiter).length;
  return DELIMITERS.reduce((best, delimiter) => (count(delimiter) > count(best) ? delimiter : best));
}

function whole(line: number, message: string): Mistake {
  return { line, column: null, message };
}
