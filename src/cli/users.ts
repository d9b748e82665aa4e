import type { Command } from 'commander';
import { DEFAULT_TENANT } from '../domain/tenant.ts';
import { isLocked } from '../domain/lockout.ts';
import { formatMac } from '../domain/mac.ts';
import type { User } from '../domain/types.ts';
import { orNotFound } from '../domain/orNotFound.ts';
import { addUser, newPin, removeUser, unlockUser } from '../administration/users.ts';
import { factsOf, formatTime, tableOf } from './output.ts';
import type { Core, Run } from './run.ts';

/** `selfprov user …` */
export function userCommands(program: Command, run: Run): void {
  const user = program.command('user').description('people with an extension and a PIN');

  user
    .command('add <extension>')
    .description('add a user; prints the PIN, which is not shown again')
    .requiredOption('--name <name>', 'name shown to those who are called')
    .option('--pin <digits>', 'PIN instead of a generated one')
    .action(
      run(async (core, extension: string, options: { name: string; pin?: string }) => {
        const { user: added, pin } = await addUser(core, { tenantId: DEFAULT_TENANT, extension, ...options });
        const data = { extension: added.extension, name: added.name, pin: pin.reveal() };
        return { data, text: factsOf({ Extension: data.extension, Name: data.name, PIN: data.pin }) };
      }),
    );

  user
    .command('list')
    .description('all users')
    .action(
      run(async (core) => {
        const users = await Promise.all((await core.store.users(DEFAULT_TENANT)).map((each) => describe(core, each)));
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
        const data = await describe(core, await byExtension(core, extension));
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

async function byExtension({ store }: Core, extension: string): Promise<User> {
  return orNotFound(await store.userByExtension(DEFAULT_TENANT, extension), `user with extension ${extension}`);
}

async function describe({ store, now }: Core, user: User) {
  const { extension, name, selfProvisioning, createdAt } = user;
  const tries = await store.tries('extension', user.tenantId, extension);
  const locked = isLocked(tries, now());
  const devices = (await store.linesOfUser(user.id)).map(({ mac }) => mac);
  return {
    extension,
    name,
    selfProvisioning,
    devices,
    locked,
    lockedUntil: locked ? tries.lockedUntil : null,
    createdAt,
  };
}
