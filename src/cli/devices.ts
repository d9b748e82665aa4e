import type { Command } from 'commander';
import {
  addDevice,
  changeDevice,
  listDevices,
  newUrl,
  showDevice,
  unlockDevice,
  type DeviceFacts,
  type DeviceShown,
} from '../administration/devices.ts';
import type { FileFacts } from '../administration/dryRun.ts';
import { effectiveOfDevice } from '../administration/effective.ts';
import type { Texts } from '../administration/settings.ts';
import { syncDevice } from '../administration/syncs.ts';
import { DEVICE_SETTINGS } from '../domain/deviceSettings.ts';
import { formatMac, type Mac } from '../domain/mac.ts';
import { releaseDevice } from '../provisioning/handOver/releaseDevice.ts';
import { removeDevice } from '../provisioning/handOver/removeDevice.ts';
import { macArgument } from './arguments.ts';
import { changing } from './dryRun.ts';
import { timeLine } from './events.ts';
import { factsOf, formatTime, tableOf } from './output.ts';
import type { Run } from './run.ts';
import { effectiveTable, settingOptions } from './settings.ts';

const TIME_LINE_LENGTH = 100;

/** `selfprov device …` */
export function deviceCommands(program: Command, run: Run, facts: DeviceFacts & FileFacts): void {
  const device = program.command('device').description('phones and adapters');

  device
    .command('add')
    .description('enrol an app, or a phone before it has asked; prints the URL for it, which is a secret')
    .requiredOption('--family <family>', 'a family of "selfprov families"')
    .option('--mac <mac>', 'of a phone; an app gets one that is made up', macArgument)
    .action(
      run(async (core, { family, mac }: { family: string; mac?: Mac }) => {
        const input = { tenantId: core.tenantId, family, ...(mac === undefined ? {} : { mac }) };
        const { mac: added, url } = await addDevice(core, facts, input);
        return {
          data: { mac: added, family, url },
          text: factsOf({ Device: formatMac(added), Family: family, URL: url }),
        };
      }),
    );

  device
    .command('list')
    .description('all devices')
    .action(
      run(async (core) => {
        const data = await listDevices(core, facts, core.tenantId);
        const rows = data.map(({ mac, family, model, state, extensions, registered, note }) => [
          formatMac(mac),
          `${family} ${model ?? ''}`.trim(),
          state.replace('_', ' '),
          extensions.join(', '),
          registered ? 'registered' : '',
          note ?? '',
        ]);
        const headings = ['MAC', 'MODEL', 'STATE', 'EXTENSION', '', 'NOTE'];
        return { data, text: tableOf(headings, rows, 'No phone has asked for a file yet.') };
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
          const settings = await effectiveOfDevice(core, mac);
          return { data: settings, text: effectiveTable(settings) };
        }
        const data = await showDevice(core, facts, mac, TIME_LINE_LENGTH);
        const shown = factsOf({
          Device: formatMac(mac),
          Model: `${data.family} ${data.model ?? ''} ${data.firmware ?? ''}`.trim(),
          State: data.state.replace('_', ' '),
          Extension: data.extensions.join(', ') || null,
          Account: data.lines.map(({ account }) => account).join(', ') || null,
          Registered: data.registered ? 'yes' : 'no',
          Locked: data.locked ? 'yes' : null,
          Address: data.address,
          'Last seen': formatTime(data.seenAt),
          'Hand-over': data.handOver && describeHandOver(data.handOver),
          Note: data.note,
        });
        return { data, text: `${shown}\n\n${timeLine(data.events)}` };
      }),
    );

  const set = settingOptions(
    device
      .command('set')
      .argument('<mac>', 'its MAC address', macArgument)
      .description('change what is this device’s alone'),
    DEVICE_SETTINGS,
  );
  changing(set, run, facts, async (core, mac: Mac, texts: Texts) => {
    await changeDevice(core, mac, texts);
    const settings = await effectiveOfDevice(core, mac);
    return { data: settings, text: effectiveTable(settings) };
  });

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

  device
    .command('sync')
    .argument('<mac>', 'its MAC address', macArgument)
    .description('tell a device to fetch its file now; the running server does it')
    .action(
      run(async (core, mac: Mac) => {
        const { id } = await syncDevice(core, mac);
        const text = `selfprov tells ${formatMac(mac)} to fetch: selfprov sync show ${id}`;
        return { data: { mac, sync: id }, text };
      }),
    );

  device
    .command('unlock')
    .argument('<mac>', 'its MAC address', macArgument)
    .description('forget the wrong PINs counted for a device')
    .action(
      run(async (core, mac: Mac) => {
        await unlockDevice(core, mac);
        return { data: { mac }, text: `${formatMac(mac)} can try again.` };
      }),
    );

  device
    .command('release')
    .argument('<mac>', 'its MAC address', macArgument)
    .description('take a device back from its user; it returns to the default line')
    .action(
      run(async (core, mac: Mac) => {
        await releaseDevice(core, { mac, actor: core.actor });
        return { data: { mac }, text: `${formatMac(mac)} is released; selfprov tells it to fetch its default line.` };
      }),
    );

  device
    .command('remove')
    .argument('<mac>', 'its MAC address', macArgument)
    .description('forget a device; it is enrolled anew when it asks again')
    .action(
      run(async (core, mac: Mac) => {
        await removeDevice(core, { mac, actor: core.actor });
        return { data: { mac }, text: `${formatMac(mac)} is removed; selfprov tells it to fetch.` };
      }),
    );
}

function describeHandOver(handOver: NonNullable<DeviceShown['handOver']>): string {
  const { kind, state, failure, attempts, acceptedAt, registeredAt } = handOver;
  if (registeredAt !== null) return `${kind} done after ${Math.round((registeredAt - acceptedAt) / 1000)} s`;
  if (state === 'failed') return `${kind} failed: ${failure?.replace('_', ' ')} (${attempts} check-syncs)`;
  return `${kind} under way (${attempts} check-syncs)`;
}
