import type { Command } from 'commander';
import {
  addTemplate,
  changeTemplate,
  DEVICE_TEMPLATES,
  LINE_TEMPLATES,
  listTemplates,
  removeTemplate,
  showTemplate,
  type TemplateKind,
  type TemplateShown,
} from '../administration/templates.ts';
import type { FileFacts } from '../administration/dryRun.ts';
import type { Texts } from '../administration/settings.ts';
import { takingAway } from './confirm.ts';
import { changing } from './dryRun.ts';
import { factsOf, tableOf, type Output } from './output.ts';
import type { Run } from './run.ts';
import { settingFacts, settingOptions } from './settings.ts';

/** `selfprov line-template …` and `selfprov device-template …` */
export function templateCommands(program: Command, run: Run, facts: FileFacts): void {
  commandsFor(
    program.command('line-template').description('settings of lines, by the profile of their users'),
    run,
    facts,
    LINE_TEMPLATES,
  );
  commandsFor(
    program.command('device-template').description('settings of phones, by the profile of their users'),
    run,
    facts,
    DEVICE_TEMPLATES,
  );
}

function commandsFor<T extends object>(command: Command, run: Run, facts: FileFacts, kind: TemplateKind<T>): void {
  command
    .command('list')
    .description('all of them')
    .action(
      run(async (core) => {
        const data = await listTemplates(core, kind, core.tenantId);
        const rows = data.map(({ name, says, usedBy }) => [name, String(Object.keys(says).length), usedBy.join(', ')]);
        return { data, text: tableOf(['NAME', 'SETTINGS', 'USED BY'], rows, 'There are none.') };
      }),
    );

  command
    .command('show <name>')
    .description('what it says; the rest is as the tenant has it')
    .action(run(async (core, name: string) => shown(await showTemplate(core, kind, core.tenantId, name))));

  settingOptions(command.command('add <name>').description('add one'), kind.settings).action(
    run(async (core, name: string, texts: Texts) =>
      shown(await addTemplate(core, kind, { tenantId: core.tenantId, name, texts })),
    ),
  );

  const set = settingOptions(
    command.command('set <name>').description('change it').option('--name <name>', 'another name'),
    kind.settings,
  );
  changing(set, run, facts, async (core, name: string, { name: newName, ...texts }: Texts) => {
    const change = { tenantId: core.tenantId, name, texts, ...(newName === undefined ? {} : { newName }) };
    return shown(await changeTemplate(core, kind, change));
  });

  takingAway(command.command('remove <name>').description('remove one that nothing uses'), run, {
    async what(core, name: string) {
      const { says } = await showTemplate(core, kind, core.tenantId, name);
      return `The ${kind.what} ${name} goes, with ${Object.keys(says).length} settings.`;
    },
    async work(core, name: string) {
      await removeTemplate(core, kind, core.tenantId, name);
      return { data: { name }, text: `${kind.what} ${name} is removed.` };
    },
  });
}

function shown(data: TemplateShown): Output {
  const text = factsOf({ name: data.name, 'used by': data.usedBy.join(', ') || 'nothing', ...settingFacts(data.says) });
  return { data, text };
}
