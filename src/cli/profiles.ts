import { Option, type Command } from 'commander';
import {
  addProfile,
  changeProfile,
  listProfiles,
  removeProfile,
  showProfile,
  type ProfileChange,
  type ProfileShown,
} from '../administration/profiles.ts';
import type { FileFacts } from '../administration/dryRun.ts';
import { wholeArgument } from './arguments.ts';
import { takingAway } from './confirm.ts';
import { changing } from './dryRun.ts';
import { factsOf, tableOf, type Output } from './output.ts';
import type { Run } from './run.ts';

interface Options extends Omit<ProfileChange, 'selfProvisioning' | 'families'> {
  readonly selfProvisioning?: 'on' | 'off';
  readonly families?: string;
}

/** `selfprov profile …` */
export function profileCommands(program: Command, run: Run, facts: FileFacts): void {
  const profile = program.command('profile').description('what a class of users may do');
  const known = (): readonly string[] => facts.families().all.map(({ id }) => id);

  profile
    .command('list')
    .description('all profiles')
    .action(
      run(async (core) => {
        const data = await listProfiles(core, core.tenantId);
        const rows = data.map((each) => [
          each.name,
          each.selfProvisioning ? 'on' : 'off',
          String(each.phoneLimit),
          each.families?.join(',') ?? 'any',
          each.lineTemplate,
          each.deviceTemplate,
          String(each.users),
        ]);
        const headings = [
          'NAME',
          'SELF-PROVISIONING',
          'PHONES',
          'FAMILIES',
          'LINE TEMPLATE',
          'DEVICE TEMPLATE',
          'USERS',
        ];
        return { data, text: tableOf(headings, rows, 'There are none.') };
      }),
    );

  profile
    .command('show <name>')
    .description('one profile')
    .action(run(async (core, name: string) => shown(await showProfile(core, core.tenantId, name))));

  options(profile.command('add <name>').description('add one; what is not said is as in the default profile')).action(
    run(async (core, name: string, given: Options) =>
      shown(await addProfile(core, known(), core.tenantId, { ...changeOf(given), name })),
    ),
  );

  const set = options(profile.command('set <name>').description('change it').option('--name <name>', 'another name'));
  changing(set, run, facts, async (core, name: string, given: Options) =>
    shown(await changeProfile(core, known(), core.tenantId, name, changeOf(given))),
  );

  takingAway(profile.command('remove <name>').description('remove one that no user has'), run, {
    async what(core, given: string) {
      const { name } = await showProfile(core, core.tenantId, given);
      return `The profile ${name} goes, with its settings.`;
    },
    async work(core, name: string) {
      await removeProfile(core, core.tenantId, name);
      return { data: { name }, text: `profile ${name} is removed.` };
    },
  });
}

function options(command: Command): Command {
  return command
    .addOption(new Option('--self-provisioning <switch>', 'whether its users may set up phones').choices(['on', 'off']))
    .option('--phone-limit <n>', 'how many phones each of its users may have', wholeArgument)
    .option('--families <families>', 'families of phones that its users may bring, separated by commas, or "any"')
    .option('--line-template <name>', 'a line template')
    .option('--device-template <name>', 'a device template');
}

function changeOf({ selfProvisioning, families, ...rest }: Options): ProfileChange {
  return {
    ...rest,
    ...(selfProvisioning === undefined ? {} : { selfProvisioning: selfProvisioning === 'on' }),
    ...(families === undefined ? {} : { families: families === 'any' ? null : partsOf(families) }),
  };
}

function partsOf(text: string): readonly string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function shown(data: ProfileShown): Output {
  const text = factsOf({
    Name: data.isDefault ? `${data.name} (of new users)` : data.name,
    'Self-provisioning': data.selfProvisioning ? 'on' : 'off',
    Phones: String(data.phoneLimit),
    Families: data.families?.join(', ') ?? 'any',
    'Line template': data.lineTemplate,
    'Device template': data.deviceTemplate,
    Users: String(data.users),
  });
  return { data, text };
}
