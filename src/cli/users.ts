import { Option, type Command } from 'commander';
import type { FileFacts } from '../administration/dryRun.ts';
import { effectiveOfUser } from '../administration/effective.ts';
import type { Texts } from '../administration/settings.ts';
import {
  addUser,
  changeUser,
  listUsers,
  newPin,
  removeUser,
  showUser,
  unlockUser,
  userByExtension,
  type NumberCheck,
} from '../administration/users.ts';
import { DEVICE_SETTINGS } from '../domain/deviceSettings.ts';
import { LINE_SETTINGS } from '../domain/lineSettings.ts';
import { formatMac, type Mac } from '../domain/mac.ts';
import { SelfprovError } from '../domain/errors.ts';
import type { User } from '../domain/user.ts';
import { adoptCommand, type AdoptNeeds } from './adopt.ts';
import { takingAway } from './confirm.ts';
import { changing } from './dryRun.ts';
import { letterCommand } from './letters.ts';
import { factsOf, formatTime, tableOf } from './output.ts';
import type { Run, TenantCore } from './run.ts';
import { effectiveTable, settingOptions } from './settings.ts';
import { userTableCommands } from './userTables.ts';

/** `checkNumbersAt`; empty where Asterisk cannot be asked. */
export type CheckNumbers = (
  core: TenantCore,
  extensions: readonly string[],
) => Promise<ReadonlyMap<string, NumberCheck>>;

export interface UserNeeds {
  readonly checkNumbers: CheckNumbers;
  readonly files: FileFacts;
  readonly adopting: Omit<AdoptNeeds, 'errors'>;
  /** Where progress is told. */
  readonly errors: Pick<NodeJS.WritableStream, 'write'>;
}

/** `selfprov user …` */
export function userCommands(program: Command, run: Run, { checkNumbers, files, adopting, errors }: UserNeeds): void {
  const user = program.command('user').description('people with an extension and a PIN');

  settings(
    user
      .command('add <extension>')
      .description('add a user; prints the PIN, which is not shown again')
      .requiredOption('--name <name>', 'name shown to those who are called')
      .option('--pin <digits>', 'PIN instead of a generated one')
      .option('--user-id <digits>', 'what the user may be known by in a call instead of the extension')
      .option('--provisioning-id <digits>', 'the same, for this alone')
      .option('--password <digits>', 'a numeric password, as good as the PIN')
      .option('--profile <name>', 'a profile instead of the default one'),
  ).action(
    run(async (core, extension: string, options: AddOptions) => {
      const { name, pin: chosen, profile, userId, provisioningId, password, ...texts } = options;
      const input = {
        ...{ tenantId: core.tenantId, extension, name, texts },
        ...(chosen === undefined ? {} : { pin: chosen }),
        ...(userId === undefined ? {} : { loginId: userId }),
        ...(provisioningId === undefined ? {} : { provisioningId }),
        ...(password === undefined ? {} : { password }),
        ...(profile === undefined ? {} : { profile }),
      };
      const { refusal, warning = null } = (await checkNumbers(core, [extension])).get(extension) ?? {};
      if (refusal !== undefined) throw new SelfprovError('conflict', refusal);
      const { user: added, pin } = await addUser(core, input);
      const data = { extension: added.extension, name: added.name, pin: pin.reveal(), warning };
      const facts = { Extension: data.extension, Name: data.name, PIN: data.pin, Warning: warning };
      return { data, text: factsOf(facts) };
    }),
  );

  user
    .command('list')
    .description('all users')
    .action(
      run(async (core) => {
        const users = await listUsers(core, core.tenantId);
        const rows = users.map(({ extension, name, devices, locked }) => [
          extension,
          name,
          inText(devices),
          locked ? 'locked' : '',
        ]);
        return { data: users, text: tableOf(['EXTENSION', 'NAME', 'DEVICES', ''], rows, 'There are no users.') };
      }),
    );

  user
    .command('show <extension>')
    .description('one user')
    .option('--effective', 'the settings as they hold, and who says so')
    .action(
      run(async (core, extension: string, { effective }: { effective?: true }) => {
        const found = await byExtension(core, extension);
        if (effective === true) {
          const settings = await effectiveOfUser(core, found);
          return { data: settings, text: effectiveTable(settings) };
        }
        const data = await showUser(core, found);
        return { data, text: describe(data) };
      }),
    );

  const set = settings(
    user
      .command('set <extension>')
      .description('change a user; the phones have it at their next fetch')
      .option('--name <name>', 'name shown to those who are called')
      .option('--user-id <digits>', 'what the user may be known by in a call, or "none"')
      .option('--provisioning-id <digits>', 'the same, for this alone, or "none"')
      .option('--password <digits>', 'a numeric password, as good as the PIN, or "none"')
      .option('--profile <name>', 'another profile')
      .addOption(
        new Option('--self-provisioning <switch>', 'whether this user may set up phones').choices(['on', 'off']),
      ),
  );
  changing(set, run, files, async (core, extension: string, options: ChangeOptions) => {
    const { name, profile, selfProvisioning, userId, provisioningId, password, ...texts } = options;
    const changed = await changeUser(core, await byExtension(core, extension), {
      texts,
      ...(name === undefined ? {} : { name }),
      ...(profile === undefined ? {} : { profile }),
      ...(userId === undefined ? {} : { loginId: orNull(userId) }),
      ...(provisioningId === undefined ? {} : { provisioningId: orNull(provisioningId) }),
      ...(password === undefined ? {} : { password: orNull(password) }),
      ...(selfProvisioning === undefined ? {} : { selfProvisioning: selfProvisioning === 'on' }),
    });
    const effective = await effectiveOfUser(core, changed);
    return { data: effective, text: `${describe(await showUser(core, changed))}\n\n${effectiveTable(effective)}` };
  });

  takingAway(
    user.command('remove <extension>').description('remove a user; the phones of the user go back to the default line'),
    run,
    {
      async what(core, extension: string) {
        const { name, devices } = await showUser(core, await byExtension(core, extension));
        const phones =
          devices.length === 0 ? '' : `, and these phones go back to their default lines: ${inText(devices)}`;
        return `User ${extension} (${name}) goes, with the PIN${phones}.`;
      },
      async work(core, extension: string) {
        const found = await byExtension(core, extension);
        const { devices } = await showUser(core, found);
        await removeUser(core, found);
        const left = found.adoption?.kind === 'slots' ? await adopting.apply(core, []) : [];
        const phones = devices.length === 0 ? '' : ` No longer its: ${inText(devices)}`;
        return { data: { extension, left }, text: [`Extension ${extension} is removed.${phones}`, ...left].join('\n') };
      },
    },
  );

  user
    .command('new-pin <extension>')
    .description('give a user a new PIN; prints it, and it is not shown again')
    .option('--pin <digits>', 'PIN instead of a generated one')
    .action(
      run(async (core, extension: string, options: { pin?: string }) => {
        const pin = await newPin(core, await byExtension(core, extension), options.pin);
        const data = { extension, pin: pin.reveal() };
        return { data, text: factsOf({ Extension: extension, PIN: data.pin }) };
      }),
    );

  letterCommand(user, run);
  adoptCommand(user, run, { ...adopting, errors });
  userTableCommands(user, run, { checkNumbers, errors });

  user
    .command('unlock <extension>')
    .description('forget the wrong PINs counted for a user')
    .action(
      run(async (core, extension: string) => {
        await unlockUser(core, await byExtension(core, extension));
        return { data: { extension }, text: `Extension ${extension} can be tried again.` };
      }),
    );
}

function describe(user: Awaited<ReturnType<typeof showUser>>): string {
  return factsOf({
    Extension: user.extension,
    Name: user.name,
    Endpoint: endpointOf(user),
    'User ID': user.loginId,
    'Self-provisioning ID': user.provisioningId,
    Password: user.hasPassword ? 'set' : null,
    Profile: user.profile,
    'Self-provisioning': user.selfProvisioning ? 'on' : 'off',
    Devices: inText(user.devices) || 'none',
    Locked: user.lockedUntil === null ? 'no' : `until ${formatTime(user.lockedUntil)}`,
    Added: formatTime(user.createdAt),
  });
}

function inText(devices: readonly Mac[]): string {
  return devices.map(formatMac).join(' ');
}

function endpointOf({ endpoint, extension, adopted }: Awaited<ReturnType<typeof showUser>>): string | null {
  if (adopted === null) return endpoint === extension ? null : endpoint;
  return `${endpoint}, of your own files${adopted === 'password' ? ', one password for all phones' : ''}`;
}

interface Ways {
  readonly userId?: string;
  readonly provisioningId?: string;
  readonly password?: string;
}
type AddOptions = { readonly name: string; readonly pin?: string; readonly profile?: string } & Ways & Texts;
type ChangeOptions = { readonly name?: string; readonly profile?: string; readonly selfProvisioning?: string } & Ways &
  Texts;

function orNull(text: string): string | null {
  return text === 'none' ? null : text;
}

function settings(command: Command): Command {
  return settingOptions(settingOptions(command, LINE_SETTINGS), DEVICE_SETTINGS);
}

function byExtension(core: TenantCore, extension: string): Promise<User> {
  return userByExtension(core, core.tenantId, extension);
}
