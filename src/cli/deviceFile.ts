import type { Command } from 'commander';
import type { FileFacts } from '../administration/dryRun.ts';
import type { Mac } from '../domain/mac.ts';
import { deviceFile } from '../provisioning/files/deviceFile.ts';
import { macArgument } from './arguments.ts';
import type { Run } from './run.ts';

/** `selfprov device file` */
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
}
