import type { Command } from 'commander';
import type { Core } from '../administration/core.ts';
import {
  addUser,
  listUsers,
  newPin,
  removeUser,
  showUser,
  unlockUser,
  userByExtension,
} from '../administration/users.ts';
import { formatMac } from '../domain/mac.ts';
import { DEFAULT_TENANT } from '../domain/tenant.ts';
import type { User } from '../domain/user.ts';
import { factsOf, formatTime, tableOf } from './output.ts';
import type { Run } from './run.ts';

/** What stands in the way of this extension at Asterisk, if it can be asked; for people to read. */
export type WarningFor = (extension: string) => Promise<string | undefined>;

/** `selfprov user …` */
export function userCommands(program: Command, run: Run, warningFor: WarningFor): void {
  const user = program.command('user').description('people with an extension and a PIN');

  user
    .command('add <extension>')
    .description('add a user; prints the PIN, which is not shown again')
    .requiredOption('--name <name>', 'name shown to those who are called')
    .option('--pin <digits>', 'PIN instead of a generated one')
    .action(
      run(async (core, extension: string, options: { name: string; pin?: string }) => {
        const { user: added, pin } = await addUser(core, { tenantId: DEFAULT_TENANT, extension, ...options });
        const warning = (await warningFor(added.extension)) ?? null;
        const data = { extension: added.extension, name: added.name, pin: pin.reveal(), warning };
        const { name, pin: PIN } = data;
        return { data, text: factsOf({ Extension: data.extension, Name: name, PIN, Warning: warning }) };
      }),
    );

  user
    .command('list')
    .description('all users')
    .action(
      run(async (core) => {
        const users = await listUsers(core, DEFAULT_TENANT);
        const rows = users.map(({ extension, name, devices, locked }) => [
          extension,
          name,
          devices.map(formatMac).join(' '),
          locked ? 'locked' : '',
        ]);
        return { data: users, text: tableOf(['EXTENSION', 'NAME', 'DEVICES', ''], rows, 'There are no users.') };
      }),
    );

  user
    .command('show <extension>')
    .description('one user')
    .action(
      run(async (core, extension: string) => {
        const data = await showUser(core, await byExtension(core, extension));
        const text = factsOf({
          Extension: data.extension,
          Name: data.name,
          'Self-provisioning': data.selfProvisioning ? 'on' : 'off',
          Devices: data.devices.map(formatMac).join(' ') || 'none',
          Locked: data.lockedUntil === null ? 'no' : `until ${formatTime(data.lockedUntil)}`,
          Added: formatTime(data.createdAt),
        });
        return { data, text };
      }),
    );

  user
    .command('remove <extension>')
    .description('remove a user; the phones of the user go back to the default line')
    .action(
      run(async (core, extension: string) => {
        await removeUser(core, await byExtension(core, extension));
        return { data: { extension }, text: `Extension ${extension} is removed.` };
      }),
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

function byExtension(core: Core, extension: string): Promise<User> {
  return userByExtension(core, DEFAULT_TENANT, extension);
}
