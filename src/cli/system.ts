import type { Command } from 'commander';
import { changeSite } from '../administration/site.ts';
import { shown, type Texts } from '../administration/settings.ts';
import { SITE_SETTINGS, type Site } from '../domain/site.ts';
import { factsOf, type Output } from './output.ts';
import type { Run } from './run.ts';
import { settingFacts, settingOptions } from './settings.ts';

/** `selfprov system …` */
export function systemCommands(program: Command, run: Run): void {
  const system = program.command('system').description('switches above those of every tenant');
  system
    .command('show')
    .description('the switches')
    .action(run(async ({ store }) => output(await store.site())));
  settingOptions(
    system.command('set').description('change switches; what is off here is off for all'),
    SITE_SETTINGS,
  ).action(run(async (core, texts: Texts) => output(await changeSite(core, texts))));
}

function output(site: Site): Output {
  return { data: site, text: factsOf(settingFacts(shown(SITE_SETTINGS, site))) };
}
