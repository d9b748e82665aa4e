import { writeCsv } from '../../csv/writeCsv.ts';
import type { Column } from './kind.ts';

export interface Exported {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly csv: string;
}

/** Things as an import takes them, without the columns that nobody says anything in. */
export function exportTable<Draft, Thing>(all: readonly Column<Draft, Thing>[], things: readonly Thing[]): Exported {
  const columns = all.flatMap(({ name, show, always = false }) =>
    show === undefined ? [] : [{ name, always, cells: things.map(show) }],
  );
  const used = columns.filter(({ always, cells }) => always || cells.some((cell) => cell !== ''));
  const header = used.map(({ name }) => name);
  const rows = things.map((_, at) => used.map(({ cells }) => cells[at] ?? ''));
  return { header, rows, csv: writeCsv(header, rows) };
}
