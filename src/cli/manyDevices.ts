import { Argument, InvalidArgumentError, Option, type Command } from 'commander';
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
import { SelfprovError } from '../domain/errors.ts';
import { formatMac } from '../domain/mac.ts';
import { macArgument } from './arguments.ts';
import { tableOf, type Output } from './output.ts';
import type { Run } from './run.ts';

const STATES = ['unassigned', 'assigned', 'handing_over', 'failed', 'registered', 'unregistered', 'blocked'] as const;

interface Options {
  readonly to?: string;
  readonly newProfile?: string;
  readonly mac?: readonly string[];
  readonly all?: true;
  readonly search?: string;
  readonly state?: (typeof STATES)[number];
  readonly family?: string;
  readonly profile?: string;
  readonly apply?: true;
}

/** `selfprov device many` */
export function manyDevicesCommand(device: Command, run: Run): void {
  device
    .command('many')
    .addArgument(new Argument('<action>', 'what to do to each of them').choices(DEEDS))
    .description('do the same to many devices: says what it would come to; "sync start" has many fetch')
    .option('--mac <macs...>', 'these')
    .option('--all', 'all devices of the tenant')
    .option('--search <words>', 'those that these words fit')
    .addOption(new Option('--state <state>', 'those that are so').choices(STATES))
    .option('--family <family>', 'those of a family')
    .option('--profile <name>', 'those of users with a profile, or entered with it')
    .option('--to <tenant>', 'of "move": whose they are from then on')
    .option('--new-profile <name>', 'of "profile": by which they are from then on')
    .option('--apply', 'do it')
    .action(
      run(async (core, action: Deed['action'], options: Options) => {
        const deed = deedOf(action, options);
        const macs = await pickedDevices(core, wantedBy(core.tenantId, options));
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
  { mac, all, search, state, family, profile }: Options,
): readonly string[] | Omit<DevicesWanted, 'limit'> {
  const said = Object.entries({ text: search, state, family, profile }).filter(([, value]) => value !== undefined);
  const ways = [mac !== undefined, all === true, said.length > 0].filter(Boolean).length;
  if (ways !== 1)
    throw new InvalidArgumentError('Say which devices: --mac, --all, or --search, --state, --family, --profile.');
  return mac === undefined ? { tenantId, ...(Object.fromEntries(said) as object) } : mac.map(macArgument);
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
