import type { Command } from 'commander';
import { dryRun, type FileFacts } from '../administration/dryRun.ts';
import { formatMac } from '../domain/mac.ts';
import type { FileChange } from '../provisioning/files/compareFiles.ts';
import type { Output } from './output.ts';
import type { Run, TenantCore } from './run.ts';

/**
 * Gives a verb that changes what phones are told its work, and the option to see first what that would be: with `--dry-run` it
 * shows what would be different in the phones' files, and changes nothing.
 */
export function changing<Args extends unknown[], Options extends object>(
  command: Command,
  run: Run,
  facts: FileFacts,
  work: (core: TenantCore, ...given: [...Args, Options]) => Promise<Output>,
): Command {
  return command.option('--dry-run', 'show what would change in the phones’ files, and change nothing').action(
    run(async (core, ...given: [...Args, Options & { readonly dryRun?: true }]) => {
      const { dryRun: isDry, ...options } = given.at(-1) as Options & { readonly dryRun?: true };
      const all = [...given.slice(0, -1), options] as [...Args, Options];
      if (isDry !== true) return work(core, ...all);
      const verb = (inside: object): Promise<Output> => work({ ...core, ...inside }, ...all);
      const data = await dryRun(core, facts, core.tenantId, verb);
      return { data, text: inWords(data) };
    }),
  );
}

const NOTHING_YET = 'Nothing is changed yet: this was --dry-run.';

function inWords(changes: readonly FileChange[]): string {
  if (changes.length === 0) return `No phone’s file would be different. ${NOTHING_YET}`;
  const groups = changes.map(({ devices, example: { mac, family, model }, files }) => {
    const which = `${formatMac(mac)}, ${[family, model ?? ''].join(' ').trim()}`;
    const count =
      devices === 1 ? `1 device (${which}):` : `${devices.toLocaleString('en')} devices (example ${which}):`;
    const lines = files.flatMap(({ name, lines: its }) => [`  ${name}`, ...its.map((line) => `  ${line}`)]);
    return [count, ...lines].join('\n');
  });
  return [...groups, NOTHING_YET].join('\n\n');
}
