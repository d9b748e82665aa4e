import type { Command } from 'commander';
import type { FileFacts } from '../administration/dryRun.ts';
import type { Mac } from '../domain/mac.ts';
import { deviceFile } from '../provisioning/files/deviceFile.ts';
import { fileChanges, type FileSinceFetched } from '../provisioning/files/fileChanges.ts';
import { macArgument } from './arguments.ts';
import { formatTime } from './output.ts';
import type { Run } from './run.ts';

/** `selfprov device file` and `selfprov device changes` */
export function deviceFileCommand(device: Command, run: Run, { families, server }: FileFacts): void {
  device
    .command('file')
    .argument('<mac>', 'its MAC address', macArgument)
    .description('show the file that a device would get now, secrets masked')
    .option('--file <name>', "as in family.yaml; without one, the device's own")
    .option('--secrets', 'with the secrets in it')
    .action(
      run(async ({ store }, mac: Mac, { file, secrets }: { file?: string; secrets?: true }) => {
        const needs = { store, families: families(), server: server() };
        const data = await deviceFile(needs, mac, { name: file ?? null, withSecrets: secrets === true });
        return { data: { mac, ...data }, text: data.content.trimEnd() };
      }),
    );

  device
    .command('changes')
    .argument('<mac>', 'its MAC address', macArgument)
    .description('show how its files, as it would get them now, differ from those that it has fetched, secrets masked')
    .action(
      run(async ({ store }, mac: Mac) => {
        const data = await fileChanges({ store, families: families(), server: server() }, mac);
        return { data: { mac, ...data }, text: data.items.map(inWords).join('\n\n') };
      }),
    );
}

function inWords({ name, givenAt, isCurrent, lines }: FileSinceFetched): string {
  if (givenAt === null) return `${name}: it is not known that the device has fetched it.`;
  const since = `${name}: fetched like this first on ${formatTime(givenAt)}`;
  if (isCurrent) return `${since}, and it is the same now.`;
  if (lines.length === 0) return `${since}; nothing but secrets is different now.`;
  return [`${since}; different now:`, ...lines.map((line) => `  ${line}`)].join('\n');
}
