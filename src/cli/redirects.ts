import type { Command } from 'commander';
import { addRedirect, redirectOf, removeRedirect, type RedirectInput } from '../administration/redirects.ts';
import { formatMac } from '../domain/mac.ts';
import type { Redirect } from '../domain/redirect.ts';
import type { Families } from '../phones/family/family.ts';
import { takingAway } from './confirm.ts';
import { factsOf, tableOf } from './output.ts';
import type { Run } from './run.ts';

/** `selfprov redirect …` */
export function redirectCommands(program: Command, run: Run, families: () => Families): void {
  const redirect = program
    .command('redirect')
    .description('where phones are sent that ask at the neutral URL, <URL for phones>rps/');

  redirect
    .command('add')
    .description('a rule; the one that says most about a phone decides, the one that says nothing is the default')
    .requiredOption('--to <url>', 'the server for these phones, or "nowhere"')
    .option('--mac <beginning>', 'of their MAC addresses')
    .option('--serial <beginning>', 'of their serial numbers, where their family sends them')
    .option('--family <family>', 'of "selfprov families"')
    .option('--model <model>', 'T46S, or T4* for all that begin so')
    .option('--network <network>', 'where they ask from: 10.1.0.0/16')
    .action(
      run(async (core, { to, ...conditions }: Omit<RedirectInput, 'url'> & { to: string }) => {
        const known = families().all.map(({ id }) => id);
        const rule = await addRedirect(core, known, { ...conditions, url: to === 'nowhere' ? null : to });
        const text = factsOf({ Rule: rule.id.slice(0, 8), For: conditionsOf(rule), To: rule.url ?? 'nowhere' });
        return { data: rule, text };
      }),
    );

  redirect
    .command('list')
    .description('all rules')
    .action(
      run(async ({ store }) => {
        const data = await store.redirects();
        const rows = data.map((rule) => [rule.id.slice(0, 8), conditionsOf(rule), rule.url ?? 'nowhere']);
        return { data, text: tableOf(['RULE', 'FOR', 'TO'], rows, 'There are no rules: nobody is sent anywhere.') };
      }),
    );

  takingAway(redirect.command('remove <id>').description('forget a rule'), run, {
    async what(core, id: string) {
      const rule = await redirectOf(core.store, id);
      return `The rule for ${conditionsOf(rule)}, to ${rule.url ?? 'nowhere'}, goes.`;
    },
    async work(core, id: string) {
      await removeRedirect(core, id);
      return { data: { id }, text: `Rule ${id} is removed.` };
    },
  });
}

function conditionsOf({ mac, serial, family, model, network }: Redirect): string {
  const said = Object.entries({ mac: mac && formatMac(mac), serial, family, model, network }).filter(
    ([, value]) => value !== null,
  );
  return said.map(([name, value]) => `${name} ${value}`).join(', ') || 'all others';
}
