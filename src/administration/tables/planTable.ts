import type { Csv, Line, Mistake } from '../../csv/readCsv.ts';
import { SelfprovError } from '../../domain/errors.ts';
import { similar } from '../../domain/similar.ts';
import type { Change, Column, Kind, Plan, PlannedLine, Wrong } from './kind.ts';

/** What the lines of a file come to, and every mistake in it. */
export function planTable<Draft, Planned extends Change, Thing>(
  kind: Kind<Draft, Planned, Thing>,
  { header, lines, mistakes: ofForm }: Csv,
): Plan<Planned> {
  const mistakes: Mistake[] = [...ofForm];
  const planned: PlannedLine<Planned>[] = [];
  if (header === undefined) return { lines: planned, mistakes };
  const columns = columnsOf(kind, header, (column, message) => mistakes.push({ line: header.number, column, message }));
  const seen = new Map<string, number>();
  for (const line of lines) {
    const ofLine: Mistake[] = [];
    // Of what follows from a mistake nobody needs to be told.
    const wrong: Wrong = (column, message) => {
      if (!ofLine.some((mistake) => mistake.column === column)) ofLine.push({ line: line.number, column, message });
    };
    const result = planLine(kind, columns, line, seen, wrong);
    if (ofLine.length === 0 && result !== undefined) planned.push(result);
    mistakes.push(...ofLine);
  }
  return { lines: planned, mistakes: mistakes.toSorted((one, other) => one.line - other.line) };
}

/** Throws `invalid` for a plan with mistakes. */
export function refuseMistakes({ mistakes: [first] }: Plan<Change>): void {
  if (first !== undefined) throw new SelfprovError('invalid', `line ${first.line}: ${first.message}`);
}

/** Lines of each sort. */
export function countsOf({ lines }: Plan<Change>): Readonly<Record<Change['what'], number>> {
  const count = (wanted: Change['what']): number => lines.filter(({ change }) => change.what === wanted).length;
  return { new: count('new'), changed: count('changed'), unchanged: count('unchanged') };
}

/** So many are named where one is not known. */
const NAMED_COLUMNS = 6;

type Columns<Draft, Thing> = readonly (Column<Draft, Thing> | undefined)[];

/** `seen`: keys with the line that each stands in first. */
function planLine<Draft, Planned extends Change, Thing>(
  kind: Kind<Draft, Planned, Thing>,
  columns: Columns<Draft, Thing>,
  { number, cells }: Line,
  seen: Map<string, number>,
  wrong: Wrong,
): PlannedLine<Planned> | undefined {
  let draft = kind.blank;
  for (const [at, cell] of cells.entries()) {
    const column = columns[at];
    if (column !== undefined && cell.trim() !== '') draft = readCell(column, draft, cell, wrong);
  }
  if (!columns.some((column) => column?.name === kind.key)) return undefined;
  const key = kind.keyOf(draft);
  if (key === '') {
    wrong(kind.key, 'this is empty: it says whom the line is about');
    return undefined;
  }
  const first = seen.get(key);
  if (first === undefined) seen.set(key, number);
  else wrong(kind.key, `${key} stands in line ${first} already`);
  return { line: number, key, change: kind.plan(draft, wrong) };
}

function readCell<Draft, Thing>(column: Column<Draft, Thing>, draft: Draft, cell: string, wrong: Wrong): Draft {
  try {
    if (/\p{Cc}/u.test(cell)) throw new SelfprovError('invalid', 'there is a control character in it');
    return column.read(draft, cell);
  } catch (error) {
    if (!(error instanceof SelfprovError)) throw error;
    wrong(column.name, error.message);
    return draft;
  }
}

/** For each cell of a line its column; `undefined` for one that nobody knows. */
function columnsOf<Draft, Planned extends Change, Thing>(
  kind: Kind<Draft, Planned, Thing>,
  { cells }: Line,
  wrong: Wrong,
): Columns<Draft, Thing> {
  const columns = cells.map((cell, at) => {
    const column = kind.columns.find(({ name }) => plain(name) === plain(cell));
    if (column === undefined)
      wrong(null, `there is no column ${JSON.stringify(cell)}; there are: ${columnsLike(cell, kind)}`);
    else if (cells.findIndex((other) => plain(other) === plain(cell)) < at)
      wrong(column.name, 'this column stands twice in the header');
    return column;
  });
  if (!columns.some((column) => column?.name === kind.key))
    wrong(null, `the header has no column ${kind.key}: it says whom a line is about`);
  return columns;
}

/** The one that is spelt most like it, and the first ones: those that most tables have. */
function columnsLike<Draft, Planned extends Change, Thing>(
  cell: string,
  { what, columns }: Kind<Draft, Planned, Thing>,
): string {
  const names = columns.map(({ name }) => name);
  const near = similar(cell, names);
  const all = [...new Set([...(near === undefined ? [] : [near]), ...names])];
  const named = all.slice(0, NAMED_COLUMNS).join(', ');
  return `${named}, and ${all.length - NAMED_COLUMNS} others: see "selfprov ${what.slice(0, -1)} import --help"`;
}

/** `time-zone`, `timeZone` and `Time Zone` are one. */
function plain(name: string): string {
  return name.replace(/[\s_-]/g, '').toLowerCase();
}
