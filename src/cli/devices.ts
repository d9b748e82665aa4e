import type { Command } from 'commander';
import { formatMac, type Mac } from '../domain/mac.ts';
import { DEFAULT_TENANT } from '../domain/tenant.ts';
import type { Device, HandOver } from '../domain/types.ts';
import type { Families } from '../phones/family/family.ts';
import { deliveryUrl } from '../provisioning/files/deliveryUrl.ts';
import { addDevice } from '../provisioning/files/enrolDevice.ts';
import { orNotFound } from '../domain/orNotFound.ts';
import { releaseDevice } from '../provisioning/handOver/releaseDevice.ts';
import { removeDevice } from '../provisioning/handOver/removeDevice.ts';
import { macArgument } from './arguments.ts';
import { timeLine } from './events.ts';
import { factsOf, formatTime, tableOf } from './output.ts';
import type { Core, Run } from './run.ts';

const TIME_LINE_LENGTH = 100;

/** What the commands need of the families and of the server's address. */
export interface DeviceFacts {
  readonly families: () => Families;
  readonly openUrl: () => string;
}

/** `selfprov device …` */
export function deviceCommands(program: Command, run: Run, { families, openUrl }: DeviceFacts): void {
  const device = program.command('device').description('phones and adapters');

  device
    .command('add')
    .description('enrol an app, or a phone before it has asked; prints the URL for it, which is a secret')
    .requiredOption('--family <family>', 'a family of "selfprov families"')
    .option('--mac <mac>', 'of a phone; an app gets one that is made up', macArgument)
    .action(
      run(async (core, { family, mac }: { family: string; mac?: Mac }) => {
        const known = orNotFound(families().byId.get(family), `family ${family}: see "selfprov families"`);
        const added = await addDevice(core, {
          tenantId: DEFAULT_TENANT,
          family,
          ...(mac === undefined ? {} : { mac }),
        });
        const folder = deliveryUrl(openUrl(), added.token).reveal();
        // A file whose name never changes is given whole: an app asks for one URL and for nothing else.
        const whole = known.data.files.find(({ name, role }) => role === 'device' && !name.includes('{'));
        const data = { mac: added.mac, family, url: folder + (whole?.name ?? '') };
        return { data, text: factsOf({ Device: formatMac(added.mac), Family: family, URL: data.url }) };
      }),
    );

  device
    .command('list')
    .description('all devices')
    .action(
      run(async (core) => {
        const tenants = await core.store.tenants();
        const devices = (await Promise.all(tenants.map(({ id }) => core.store.devices(id)))).flat();
        const data = await Promise.all(devices.map((each) => describe(core, each)));
        const rows = data.map(({ mac, family, model, state, extension, registered }) => [
          formatMac(mac),
          `${family} ${model ?? ''}`.trim(),
          state.replace('_', ' '),
          extension ?? '',
          registered ? 'registered' : '',
        ]);
        return {
          data,
          text: tableOf(['MAC', 'MODEL', 'STATE', 'EXTENSION', ''], rows, 'No phone has asked for a file yet.'),
        };
      }),
    );

  device
    .command('show')
    .argument('<mac>', 'its MAC address', macArgument)
    .description('one device and its time-line')
    .action(
      run(async (core, mac: Mac) => {
        const data = await describe(core, orNotFound(await core.store.device(mac), `device ${formatMac(mac)}`));
        const events = await core.store.events({ mac, limit: TIME_LINE_LENGTH });
        const facts = factsOf({
          Device: formatMac(mac),
          Model: `${data.family} ${data.model ?? ''} ${data.firmware ?? ''}`.trim(),
          State: data.state.replace('_', ' '),
          Extension: data.extension,
          Account: data.account,
          Registered: data.registered ? 'yes' : 'no',
          Address: data.address,
          'Last seen': formatTime(data.seenAt),
          'Hand-over': data.handOver && describeHandOver(data.handOver),
        });
        return { data: { ...data, events }, text: `${facts}\n\n${timeLine(events)}` };
      }),
    );

  device
    .command('release')
    .argument('<mac>', 'its MAC address', macArgument)
    .description('take a device back from its user; it returns to the default line')
    .action(
      run(async (core, mac: Mac) => {
        await releaseDevice(core, { mac });
        return { data: { mac }, text: `${formatMac(mac)} is released; selfprov tells it to fetch its default line.` };
      }),
    );

  device
    .command('remove')
    .argument('<mac>', 'its MAC address', macArgument)
    .description('forget a device; it is enrolled anew when it asks again')
    .action(
      run(async (core, mac: Mac) => {
        await removeDevice(core, mac);
        return { data: { mac }, text: `${formatMac(mac)} is removed.` };
      }),
    );
}

async function describe({ store }: Core, device: Device) {
  const { mac, family, model, firmware, state, address, seenAt, createdAt } = device;
  const [line] = await store.lines(mac);
  const user = line?.userId ? await store.user(line.userId) : undefined;
  return {
    mac,
    family,
    model,
    firmware,
    state,
    address,
    seenAt,
    createdAt,
    extension: user?.extension ?? null,
    account: line?.authName ?? null,
    registered: line !== undefined && line.contact !== null,
    handOver: (await store.handOver(mac)) ?? null,
  };
}

function describeHandOver(handOver: HandOver): string {
  const { kind, state, failure, attempts, acceptedAt, registeredAt } = handOver;
  if (registeredAt !== null) return `${kind} done after ${Math.round((registeredAt - acceptedAt) / 1000)} s`;
  if (state === 'failed') return `${kind} failed: ${failure?.replace('_', ' ')} (${attempts} check-syncs)`;
  return `${kind} under way (${attempts} check-syncs)`;
}
