import type { Command } from 'commander';
import type { Core } from '../administration/core.ts';
import { exportTable } from '../administration/tables/exportTable.ts';
import type { Column } from '../administration/tables/kind.ts';
import { BYTE_ORDER_MARK } from './pinFiles.ts';
import { writePrivately } from './privateFile.ts';
import type { Run } from './run.ts';

interface Table<Draft, Thing> {
  readonly columns: readonly Column<Draft, Thing>[];
  readonly things: readonly Thing[];
}

/** `selfprov <thing> export`: all things of a tenant, in the plural `what`. */
export function exportCommand<Draft, Thing>(
  parent: Command,
  run: Run,
  what: string,
  read: (core: Pick<Core, 'store'> & { readonly tenantId: string }) => Promise<Table<Draft, Thing>>,
): void {
  parent
    .command('export')
    .description(`all ${what} as a table (CSV, UTF-8), without any secret; "${parent.name()} import" takes it back`)
    .option('--out <file>', 'where to, instead of standard output')
    .option('--force', 'write over a file that is there')
    .action(
      run(async (core, { out, force = false }: { out?: string; force?: boolean }) => {
        const { columns, things } = await read(core);
        const { header, rows, csv } = exportTable(columns, things);
        const data = rows.map((row) => Object.fromEntries(row.map((cell, at) => [header[at] ?? '', cell])));
        if (out === undefined) return { data, text: csv.trimEnd() };
        const content = (): Promise<string> => Promise.resolve(`${BYTE_ORDER_MARK}${csv}`);
        await writePrivately([{ path: out, content }], force, () => Promise.resolve());
        return { data: { file: out, [what]: rows.length }, text: `${rows.length} ${what} are in ${out}.` };
      }),
    );
}
