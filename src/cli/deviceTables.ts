import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { DeviceFacts } from '../administration/devices.ts';
import { deviceColumnNames, deviceLines, devicesKind } from '../administration/tables/devices.ts';
import { importDevices, previewDevices, urlTable, type KeepUrls } from '../administration/tables/importDevices.ts';
import { countsOf } from '../administration/tables/planTable.ts';
import { exportCommand } from './exportCommand.ts';
import { planOutput } from './planOutput.ts';
import { refuseExisting, writePrivately } from './privateFile.ts';
import type { Run } from './run.ts';

interface ImportOptions {
  readonly apply?: boolean;
  readonly urls?: string;
  readonly force?: boolean;
}

const AGAIN = '"selfprov device url MAC" makes a new one, and "tenant set --inventory-proof" does without.';

/** `selfprov device export` and `import` */
export function deviceTableCommands(device: Command, run: Run, facts: DeviceFacts): void {
  exportCommand(device, run, 'devices', async ({ store, tenantId }) => {
    const { columns } = await devicesKind(store, facts.families(), tenantId);
    return { columns, things: await deviceLines(store, tenantId) };
  });

  device
    .command('import <file>')
    .description('enter and change devices by a table (CSV): says what it would do, and every mistake by its line')
    .option('--apply', 'do it: all lines, or none')
    .option('--urls <file>', 'write the URLs of the new devices into this file (CSV); they are secrets')
    .option('--force', 'write over a file that is there')
    .addHelpText('after', `\nColumns: ${deviceColumnNames().join(', ')}. An empty cell says nothing.`)
    .action(
      run(async (core, name: string, { apply = false, urls: out, force = false }: ImportOptions) => {
        const file = readFileSync(name);
        const plan = await previewDevices(core, facts, core.tenantId, file);
        if (!apply || plan.mistakes.length > 0) return planOutput(plan, ['Nothing is imported yet: --apply does it.']);
        if (out !== undefined) refuseExisting([out], force);
        await importDevices(core, facts, core.tenantId, file, plan, out === undefined ? null : urlsTo(out, force));
        const counts = countsOf(plan);
        const text = `${counts.new} devices are new, ${counts.changed} changed, ${counts.unchanged} as before.`;
        if (out !== undefined) {
          const none = counts.new === 0 ? `, without a URL: ${AGAIN}` : '';
          return { data: { imported: true, ...counts, files: [out] }, text: `${text}\n${out}${none}` };
        }
        const kept = counts.new === 0 ? '' : `\nTheir URLs are in no file: that takes --urls. ${AGAIN}`;
        return { data: { imported: true, ...counts, files: [] }, text: `${text}${kept}` };
      }),
    );
}

function urlsTo(path: string, force: boolean): KeepUrls {
  return (urls, commit) => writePrivately([{ path, content: async () => urlTable(urls) }], force, commit);
}
