import { Argument, InvalidArgumentError, type Command } from 'commander';
import type { DevicesWanted } from '../administration/deviceList.ts';
import {
  DEEDS,
  doToEach,
  EFFECTS,
  pickedDevices,
  previewDeed,
  summed,
  type Deed,
  type Outcome,
} from '../administration/manyDevices.ts';
import type { DeviceFacts } from '../administration/devices.ts';
import { SelfprovError } from '../domain/errors.ts';
import { formatMac } from '../domain/mac.ts';
import { macArgument } from './arguments.ts';
import { deviceFilterOptions, filterSaid, type DeviceFilter } from './deviceFilter.ts';
import { tableOf, type Output } from './output.ts';
import type { Run } from './run.ts';

interface Options extends DeviceFilter {
  readonly to?: string;
  readonly newProfile?: string;
  readonly mac?: readonly string[];
  readonly all?: true;
  readonly apply?: true;
}

/** `selfprov device many` */
export function manyDevicesCommand(device: Command, run: Run, facts: Pick<DeviceFacts, 'families'>): void {
  const many = device
    .command('many')
    .addArgument(new Argument('<action>', 'what to do to each of them').choices(DEEDS))
    .description('do the same to many devices: says what it would come to; "sync start" has many fetch')
    .option('--mac <macs...>', 'these')
    .option('--all', 'all devices of the tenant');
  deviceFilterOptions(many)
    .option('--to <tenant>', 'of "move": whose they are from then on')
    .option('--new-profile <name>', 'of "profile": by which they are from then on')
    .option('--apply', 'do it')
    .action(
      run(async (core, action: Deed['action'], options: Options) => {
        const deed = deedOf(action, options);
        const macs = await pickedDevices(core, facts, wantedBy(core.tenantId, options));
        if (options.apply !== true) {
          const planned = await previewDeed(core, core.tenantId, deed, macs);
          return outputOf(planned, 'would be', 'Nothing is done yet: --apply does it.');
        }
        return outputOf(await doToEach(core, core.tenantId, deed, macs), 'is', '');
      }),
    );
}

function deedOf(action: Deed['action'], { to, newProfile }: Options): Deed {
  if (action === 'move') return { action, to: needed(to, 'move needs --to') };
  if (action === 'profile') return { action, profile: needed(newProfile, 'profile needs --new-profile') };
  return { action };
}

function needed(value: string | undefined, message: string): string {
  if (value === undefined) throw new SelfprovError('invalid', message);
  return value;
}

function wantedBy(
  tenantId: string,
  { mac, all, ...filter }: Options,
): readonly string[] | Omit<DevicesWanted, 'limit'> {
  const said = filterSaid(filter);
  const ways = [mac !== undefined, all === true, Object.keys(said).length > 0].filter(Boolean).length;
  if (ways !== 1)
    throw new InvalidArgumentError(
      'Say which devices: --mac, --all, or --search, --state, --family, --profile, --own.',
    );
  return mac === undefined ? { tenantId, ...said } : mac.map(macArgument);
}

function outputOf(outcomes: readonly Outcome[], is: string, end: string): Output {
  const refused = outcomes.filter(({ effect }) => effect === null);
  const rows = summed(outcomes).map(({ effect, why, count, example }) => [
    ...[String(count), effect === null ? `left as it is: ${why}` : `${is} ${EFFECTS[effect]}`, formatMac(example)],
  ]);
  const text = [
    tableOf(['DEVICES', 'WHAT BECOMES OF THEM', 'FOR EXAMPLE'], rows, ''),
    ...(end === '' ? [] : ['', end]),
  ];
  const data = { done: outcomes.length - refused.length, refused: refused.length, devices: outcomes };
  return { data, text: text.join('\n') };
}
