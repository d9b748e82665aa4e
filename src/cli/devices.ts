import type { Command } from 'commander';
import { searchDevices, showDevice, whoseLine, type DeviceShown } from '../administration/deviceList.ts';
import { addDevice, changeDevice, newUrl, type DeviceEntry, type DeviceFacts } from '../administration/devices.ts';
import type { Core } from '../administration/core.ts';
import type { FileFacts } from '../administration/dryRun.ts';
import { effectiveOfDevice, keysLeftOut, type SettingShown } from '../administration/effective.ts';
import { blockDevice, giveDevice, moveDevice, unblockDevice, unlockDevice } from '../administration/whoseDevice.ts';
import type { Texts } from '../administration/settings.ts';
import { syncDevice } from '../administration/syncs.ts';
import { DEVICE_SETTINGS } from '../domain/deviceSettings.ts';
import { isNowhere } from '../domain/handOver.ts';
import { formatMac, type Mac } from '../domain/mac.ts';
import { releaseDevice } from '../provisioning/handOver/releaseDevice.ts';
import { removeDevice } from '../provisioning/handOver/removeDevice.ts';
import { deviceFileCommand } from './deviceFile.ts';
import { deviceTableCommands } from './deviceTables.ts';
import { deviceFilterOptions, filterSaid, type DeviceFilter } from './deviceFilter.ts';
import { manyDevicesCommand } from './manyDevices.ts';
import { countArgument, macArgument } from './arguments.ts';
import { takingAway } from './confirm.ts';
import { changing } from './dryRun.ts';
import { timeLine } from './events.ts';
import { factsOf, formatTime, tableOf } from './output.ts';
import type { Run } from './run.ts';
import { effectiveTable, settingOptions } from './settings.ts';

const TIME_LINE_LENGTH = 100;
/** More than anybody has. */
const ALL = 2 ** 31 - 1;

interface Plain {
  readonly note?: string;
  readonly serial?: string;
  readonly profile?: string;
}

type Entry = Omit<DeviceEntry, 'tenantId' | 'texts' | 'users'> & { readonly user?: string[] };

/** `selfprov device …` */
export function deviceCommands(program: Command, run: Run, facts: DeviceFacts & FileFacts): void {
  const device = program.command('device').description('phones and adapters');
  entryCommands(device, run, facts);
  lookCommands(device, run, facts);
  deviceFileCommand(device, run, facts);
  deviceTableCommands(device, run, facts);
  handCommands(device, run, facts);
  manyDevicesCommand(device, run, facts);
}

function entryCommands(device: Command, run: Run, facts: DeviceFacts & FileFacts): void {
  device
    .command('add')
    .description('enter an app, or a phone before it has asked; prints the URL for it, which is a secret')
    .requiredOption('--family <family>', 'a family of "selfprov families"')
    .option('--mac <mac>', 'of a phone; an app gets one that is made up', macArgument)
    .option('--model <model>', 'until it says so itself')
    .option('--serial <serial>', 'as on its box')
    .option('--note <text>', 'for people')
    .option('--profile <name>', 'whose settings it has until a user has it')
    .option('--user <extensions...>', 'whose it is when it comes, one a port: 1500, or 2=1501 for the second port')
    .action(
      run(async (core, { user = [], ...entry }: Entry) => {
        const { mac, url } = await addDevice(core, facts, {
          ...{ tenantId: core.tenantId, ...entry, users: usersByPort(user) },
        });
        const { family } = entry;
        return { data: { mac, family, url }, text: factsOf({ Device: formatMac(mac), Family: family, URL: url }) };
      }),
    );

  const set = settingOptions(
    device
      .command('set')
      .argument('<mac>', 'its MAC address', macArgument)
      .description('change what is this device’s alone')
      .option('--note <text>', 'for people')
      .option('--serial <serial>', 'as on its box, or "none"')
      .option('--profile <name>', 'whose settings it has until a user has it, or "none"'),
    DEVICE_SETTINGS,
  );
  changing(set, run, facts, async (core, mac: Mac, { note, serial, profile, ...texts }: Plain & Texts) => {
    await changeDevice(core, mac, {
      texts,
      ...(note === undefined ? {} : { note }),
      ...(serial === undefined ? {} : { serial: serial === 'none' ? null : serial }),
      ...(profile === undefined ? {} : { profile: profile === 'none' ? null : profile }),
    });
    const settings = await settingsOf(core, facts, mac);
    const shown = describe(await showDevice(core, facts, mac, 0));
    return { data: settings, text: `${shown}\n\n${effectiveTable(settings)}` };
  });

  device
    .command('move')
    .argument('<mac>', 'its MAC address', macArgument)
    .requiredOption('--to <tenant>', 'whose it is from now on')
    .description('move a device that no user has to another tenant')
    .action(
      run(async (core, mac: Mac, { to }: { to: string }) => {
        await moveDevice(core, mac, to);
        return { data: { mac, tenant: to }, text: `${formatMac(mac)} is of tenant ${to}; selfprov tells it to fetch.` };
      }),
    );

  takingAway(
    device
      .command('remove')
      .argument('<mac>', 'its MAC address', macArgument)
      .description('forget a device; it is enrolled anew when it asks again'),
    run,
    {
      async what(core, mac: Mac) {
        const { extension } = await showDevice(core, facts, mac, 0);
        const whose = extension === null ? '' : `, and is no longer that of ${extension}`;
        return `${formatMac(mac)} goes, with its own settings and its note${whose}.`;
      },
      async work(core, mac: Mac) {
        const { extension } = await showDevice(core, facts, mac, 0);
        await removeDevice(core, { mac, actor: core.actor });
        const whose = extension === null ? '' : `, and no longer that of ${extension}`;
        return { data: { mac }, text: `${formatMac(mac)} is removed${whose}; selfprov tells it to fetch.` };
      },
    },
  );
}

function lookCommands(device: Command, run: Run, facts: DeviceFacts): void {
  deviceFilterOptions(device.command('list').description('all devices, or those that fit'))
    .option('--newest', 'the one that came last first; else by MAC')
    .option('--limit <n>', 'how many', countArgument)
    .action(
      run(async (core, { newest, limit = ALL, ...filter }: DeviceFilter & { newest?: true; limit?: number }) => {
        const order = newest === true ? 'newest' : 'mac';
        const wanted = { tenantId: core.tenantId, ...filterSaid(filter), order, limit } as const;
        const { devices: data } = await searchDevices(core, facts, wanted);
        const rows = data.map(({ mac, number, family, model, state, extension, registered, note, remark }) => [
          ...[formatMac(mac), String(number), `${family} ${model ?? ''}`.trim(), state.replace('_', ' ')],
          ...[extension ?? '', registered ? 'registered' : '', note ?? remark],
        ]);
        const headings = ['MAC', 'NUMBER', 'MODEL', 'STATE', 'EXTENSION', '', 'NOTE'];
        const isAll = Object.keys(filter).length === 0;
        const none = isAll ? 'No phone has asked for a file yet.' : 'No device fits.';
        return { data, text: tableOf(headings, rows, none) };
      }),
    );

  device
    .command('show')
    .argument('<mac>', 'its MAC address', macArgument)
    .description('one device and its time-line')
    .option('--effective', 'its settings as they hold, and who says so')
    .action(
      run(async (core, mac: Mac, { effective }: { effective?: true }) => {
        if (effective === true) {
          const settings = await settingsOf(core, facts, mac);
          return { data: settings, text: effectiveTable(settings) };
        }
        const data = await showDevice(core, facts, mac, TIME_LINE_LENGTH);
        return { data, text: `${describe(data)}\n\n${timeLine(data.events)}` };
      }),
    );
}

function handCommands(device: Command, run: Run, facts: DeviceFacts): void {
  device
    .command('assign')
    .argument('<mac>', 'its MAC address', macArgument)
    .argument('<extension>', 'whose it is from now on')
    .option('--port <number>', 'of an adapter, or line of a phone; else the first that is nobody’s', countArgument)
    .option('--account <name>', 'where several claim to be this phone: the account of the one that is')
    .description('give a device to a user without a call')
    .action(
      run(async (core, mac: Mac, extension: string, { port, account }: { port?: number; account?: string }) => {
        const slot = await giveDevice(core, {
          ...{ mac, tenantId: core.tenantId, extension },
          ...(port === undefined ? {} : { slot: port }),
          ...(account === undefined ? {} : { account }),
        });
        const { lines, tenantId, handOver } = await showDevice(core, facts, mac, 0);
        const others = lines.flatMap((line) => (line.slot === slot ? [] : (whoseLine(line, tenantId) ?? [])));
        const beside = others.length === 0 ? '' : `, beside ${others.join(', ')}`;
        const text = `${formatMac(mac)} is ${extension}’s (line ${slot})${beside}; ${howItFetches(handOver)}.`;
        return { data: { mac, extension, slot }, text };
      }),
    );

  device
    .command('release')
    .argument('<mac>', 'its MAC address', macArgument)
    .option('--port <number>', 'of an adapter, or line of a phone; else all', countArgument)
    .description('take a device back from its user; it returns to the default line')
    .action(
      run(async (core, mac: Mac, { port }: { port?: number }) => {
        await releaseDevice(core, { mac, actor: core.actor, ...(port === undefined ? {} : { slot: port }) });
        const { handOver } = await showDevice(core, facts, mac, 0);
        return { data: { mac }, text: `${formatMac(mac)} is released; ${howItFetches(handOver)}.` };
      }),
    );

  const telling = (name: 'sync' | 'reboot', what: string, description: string): void => {
    device
      .command(name)
      .argument('<mac>', 'its MAC address', macArgument)
      .description(`${description}; the running server does it`)
      .action(
        run(async (core, mac: Mac) => {
          const { id } = await syncDevice(core, mac, { reboots: name === 'reboot' });
          const text = `selfprov tells ${formatMac(mac)} to ${what}: selfprov sync show ${id}`;
          return { data: { mac, sync: id }, text };
        }),
      );
  };
  telling('sync', 'fetch', 'tell a device to fetch its file now');
  telling('reboot', 'restart', 'tell a device to restart now, which fetches its file');

  device
    .command('url')
    .argument('<mac>', 'its MAC address', macArgument)
    .description('make a new URL for a device that has lost its own, and print it; it is a secret')
    .action(
      run(async (core, mac: Mac) => {
        const url = await newUrl(core, facts, mac);
        return { data: { mac, url }, text: factsOf({ Device: formatMac(mac), URL: url }) };
      }),
    );

  for (const [name, about, verb, done] of [
    ['block', 'take it from whoever has it, and let nobody have it', blockDevice, 'is blocked'],
    ['unblock', 'let users have it again', unblockDevice, 'can be set up again'],
    ['unlock', 'forget the wrong PINs counted for a device', unlockDevice, 'can try again'],
  ] as const) {
    device
      .command(name)
      .argument('<mac>', 'its MAC address', macArgument)
      .description(about)
      .action(
        run(async (core, mac: Mac) => {
          await verb(core, mac);
          return { data: { mac }, text: `${formatMac(mac)} ${done}.` };
        }),
      );
  }
}

/** What is to be done for a device to have what it was just given. */
function howItFetches(handOver: DeviceShown['handOver']): string {
  return isNowhere(handOver)
    ? 'it is not registered, so nobody can tell it to fetch: switch it on, or off and on'
    : 'selfprov tells it to fetch';
}

/** `1500` is for the first port that is left, `2=1501` for the second one. */
function usersByPort(given: readonly string[]): Readonly<Record<string, string>> {
  const named = given.map((each) => /^(?:(\d{1,3})=)?(.+)$/.exec(each) ?? [each, undefined, each]);
  const taken = new Map(named.flatMap(([, port, user = '']) => (port === undefined ? [] : [[Number(port), user]])));
  for (const [, port, user = ''] of named) {
    if (port !== undefined) continue;
    let next = 1;
    while (taken.has(next)) next += 1;
    taken.set(next, user);
  }
  return Object.fromEntries(taken);
}

function describe(data: DeviceShown): string {
  const lines = data.lines.map((line) => {
    const { slot, account, registered, asterisk } = line;
    const where = asterisk === null ? '' : ` at ${asterisk}`;
    const whose = whoseLine(line, data.tenantId) ?? 'nobody’s';
    return `${slot}: ${[whose, line.name ?? ''].join(' ').trim()}, account ${account}${registered ? `, registered${where}` : ''}`;
  });
  return factsOf({
    Device: formatMac(data.mac),
    Number: String(data.number),
    Tenant: data.tenantId,
    Model: `${data.family} ${data.model ?? ''} ${data.firmware ?? ''}`.trim(),
    Serial: data.serial,
    Remark: data.remark || null,
    State: data.isBlocked ? 'blocked' : data.state.replace('_', ' '),
    Extension: data.extension,
    Lines: lines.join('\n') || null,
    Registered: data.registered ? 'yes' : 'no',
    Locked: data.locked ? 'yes' : null,
    Address: data.address,
    'Last seen': formatTime(data.seenAt),
    'Hand-over': data.handOver && describeHandOver(data.handOver),
    Note: data.note,
  });
}

function describeHandOver(handOver: NonNullable<DeviceShown['handOver']>): string {
  const { kind, state, failure, attempts, acceptedAt, registeredAt } = handOver;
  if (registeredAt !== null) return `${kind} done after ${Math.round((registeredAt - acceptedAt) / 1000)} s`;
  if (state === 'failed') return `${kind} failed: ${failure?.replace('_', ' ')} (${attempts} check-syncs)`;
  return `${kind} under way (${attempts} check-syncs)`;
}

/** As they hold, and the keys that the phone has no place for. */
async function settingsOf(core: Core, facts: DeviceFacts, mac: Mac): Promise<readonly SettingShown[]> {
  return [...(await effectiveOfDevice(core, mac)), ...(await keysLeftOut(core, facts.families(), mac))];
}
