import { Option, type Command } from 'commander';
import {
  addAdministrator,
  administratorOf,
  changeAdministrator,
  invite,
  listAdministrators,
  removeAdministrator,
} from '../administration/administrators.ts';
import { RIGHTS, ROLES } from '../domain/access.ts';
import type { Secret } from '../domain/secret.ts';
import { takingAway } from './confirm.ts';
import { factsOf, formatTime, tableOf, type Output } from './output.ts';
import type { Run } from './run.ts';

/** `selfprov administrator …`; `linkOf` is where a link of this token leads. */
export function administratorCommands(program: Command, run: Run, linkOf: (token: Secret) => string): void {
  const administrator = program.command('administrator').description('people who sign in on the page');
  const role = (): Option =>
    new Option('--role <role>', `what one may do: ${Object.entries(ROLES).map(inWords).join('; ')}`);

  administrator
    .command('add <name>')
    .description('add one and print the link by which a password is chosen, once, within a day')
    .addOption(role().default('administrator'))
    .option('--only <tenant>', 'for this tenant alone, and nothing above it')
    .action(
      run(async (core, name: string, { role: wanted, only = null }: { role: string; only?: string | null }) => {
        const added = await addAdministrator(core, { name, role: wanted, tenantId: only });
        return invited(added.name, await invite(core, null, added.name));
      }),
    );

  administrator
    .command('invite <name>')
    .description('print another link, for a password that is lost; the links before are worth nothing then')
    .action(run(async (core, name: string) => invited(name, await invite(core, null, name))));

  administrator
    .command('list')
    .description('all administrators')
    .action(
      run(async (core) => {
        const data = await listAdministrators(core, null);
        const rows = data.map(({ name, role: is, tenantId, hasPassword }) => [
          ...[name, is, tenantId ?? 'all', hasPassword ? '' : 'has no password yet'],
        ]);
        return { data, text: tableOf(['NAME', 'ROLE', 'TENANT', ''], rows, 'There are no administrators.') };
      }),
    );

  administrator
    .command('set <name>')
    .description('change the role')
    .addOption(role().makeOptionMandatory())
    .action(
      run(async (core, name: string, { role: wanted }: { role: string }) => {
        const data = await changeAdministrator(core, null, name, { role: wanted });
        return { data, text: factsOf({ Name: data.name, Role: data.role }) };
      }),
    );

  takingAway(administrator.command('remove <name>').description('remove one, who is signed out'), run, {
    async what(core, name: string) {
      const found = await administratorOf(core.store, null, name);
      return `${found.name} (${found.role}) is signed out, and cannot sign in any more.`;
    },
    async work(core, name: string) {
      await removeAdministrator(core, null, name);
      return { data: { name }, text: `${name} is no administrator any more.` };
    },
  });

  function invited(name: string, { token, expiresAt }: Awaited<ReturnType<typeof invite>>): Output {
    const data = { name, link: linkOf(token), expiresAt };
    return { data, text: factsOf({ Name: name, Link: data.link, Until: formatTime(expiresAt) }) };
  }
}

function inWords([role, rights]: readonly [string, readonly (keyof typeof RIGHTS)[]]): string {
  return `${role} (${rights.length === Object.keys(RIGHTS).length ? 'everything' : rights.map((right) => RIGHTS[right]).join('; ')})`;
}
