import { stringify } from 'csv-stringify/sync';
import { guarded } from './guard.ts';

/** A table as RFC 4180 has it, with commas; no cell is a formula. `null`: more lines of a table that has its header. */
export function writeCsv(header: readonly string[] | null, rows: readonly (readonly string[])[]): string {
  return stringify(
    [...(header === null ? [] : [header]), ...rows].map((row) => row.map(guarded)),
    { record_delimiter: 'windows' },
  );
}
