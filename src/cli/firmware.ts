import type { Command } from 'commander';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { listFiles, putFile, removeFile } from '../administration/familyFiles.ts';
import { listVersions, setFirmware } from '../administration/firmware.ts';
import type { FamilyFolder } from '../domain/familyFolder.ts';
import type { Families } from '../phones/family/family.ts';
import { formatTime, tableOf } from './output.ts';
import type { Run } from './run.ts';

export interface FirmwareFacts {
  readonly families: () => Families;
  readonly familyFolder: () => FamilyFolder;
}

/** `selfprov firmware …` */
export function firmwareCommands(program: Command, run: Run, { families, familyFolder }: FirmwareFacts): void {
  const firmware = program.command('firmware').description('what versions phones have, and are to have');

  firmware
    .command('list')
    .description('how many phones of each model have said which version')
    .action(
      run(async (core) => {
        const data = await listVersions(core, core.tenantId);
        const rows = data.map(({ family, model, version, devices, firmware: wanted }) => [
          ...[family, model ?? 'unknown', version ?? 'unknown', String(devices), wanted ?? ''],
        ]);
        return {
          data,
          text: tableOf(['FAMILY', 'MODEL', 'VERSION', 'PHONES', 'TO HAVE'], rows, 'There are no phones.'),
        };
      }),
    );

  firmware
    .command('set')
    .argument('<model>', 'as in the list; * stands for any characters')
    .argument('[file]', 'of the files of its family; without it nothing is said of this model alone')
    .option('--firmware-version <version>', 'what the phone calls it; some take a file only with that')
    .description('which firmware phones of a model are to have from their next fetch on')
    .action(
      run(async (core, model: string, file: string | undefined, options: { firmwareVersion?: string }) => {
        const { firmwareVersion: version = null } = options;
        await setFirmware(core, core.tenantId, { model, file: file === undefined ? null : { file, version } });
        const text = `Phones have it at their next fetch, or now: selfprov sync start --model ${JSON.stringify(model)}`;
        return { data: { model, file: file ?? null, version }, text };
      }),
    );

  firmware
    .command('files')
    .argument('<family>', 'as in "selfprov families"')
    .description('what lies there for phones of a family')
    .action(
      run(async (_core, family: string) => {
        const data = await listFiles(familyFolder(), families(), family);
        const rows = data.map(({ name, size, changedAt }) => [name, String(size), formatTime(changedAt)]);
        return { data, text: tableOf(['FILE', 'BYTES', 'CHANGED'], rows, 'There are none.') };
      }),
    );

  firmware
    .command('add-file')
    .argument('<family>', 'as in "selfprov families"')
    .argument('<file>', 'of this machine; it is copied')
    .option('--name <name>', 'as phones ask for it, unless it is called so')
    .description('put a file there for phones of a family: firmware, a language, a ring tone')
    .action(
      run(async (core, family: string, path: string, { name = basename(path) }: { name?: string }) => {
        const content = createReadStream(path);
        const data = await putFile(core, familyFolder(), families(), { family, name, content });
        return { data, text: `${data.name}: ${data.size} bytes, SHA-256 ${data.sha256}` };
      }),
    );

  firmware
    .command('remove-file')
    .argument('<family>', 'as in "selfprov families"')
    .argument('<name>', 'as in the list')
    .description('remove one')
    .action(
      run(async (core, family: string, name: string) => {
        await removeFile(core, familyFolder(), family, name);
        return { data: { family, name }, text: `${name} is gone.` };
      }),
    );
}
