import type { Command } from 'commander';
import {
  endFormers,
  planRotation,
  rotationsUnderWay,
  startRotation,
  type Rotation,
  type RotationPlan,
} from '../administration/rotations.ts';
import type { FormerState } from '../domain/former.ts';
import { formatMac, type Mac } from '../domain/mac.ts';
import { macArgument } from './arguments.ts';
import { withYes } from './confirm.ts';
import { formatTime, tableOf, type Output } from './output.ts';
import type { Run, TenantCore } from './run.ts';
import { paceOf, paceOptions, type PaceOptions } from './syncs.ts';

interface Options extends PaceOptions {
  readonly all?: true;
  readonly user?: string;
  readonly mac?: Mac;
  readonly dryRun?: true;
  readonly force?: true;
  readonly yes?: true;
}

/** `selfprov rotate` */
export function rotateCommand(program: Command, run: Run): void {
  const rotate = program
    .command('rotate')
    .description('give phones new SIP passwords; without a selection: who has not come for the new one yet')
    .option('--all', 'of all users of the tenant')
    .option('--user <extension>', 'of the phones that a user has')
    .option('--mac <mac>', 'of one device', macArgument)
    .option('--dry-run', 'show which phones get one, and which cannot, and change nothing')
    .option('--force', 'take away at once what phones had before that have not come for the new one');
  withYes(paceOptions(rotate)).action(
    run(async (core, { all, user, mac, ...how }: Options) => {
      const wanted: Rotation = {
        ...(all === undefined ? {} : { all }),
        ...(user === undefined ? {} : { extension: user }),
        ...(mac === undefined ? {} : { mac }),
      };
      const isAsking = Object.keys(wanted).length === 0 && how.dryRun !== true && how.force !== true;
      if (isAsking) return shown(core);
      const plan = await planRotation(core, core.tenantId, wanted);
      if (how.force === true) return forced(core, wanted, plan, how);
      return how.dryRun === true ? planned(plan) : begun(core, wanted, plan, how);
    }),
  );
}

const STATES: Readonly<Record<FormerState, string>> = {
  waiting: 'has not fetched the new one',
  fetched: 'has fetched the new one, and not registered anew',
  trying: 'goes on without the old one until it is refused',
  lost: 'lost: goes on with the old one',
};

async function shown(core: TenantCore): Promise<Output> {
  const data = await rotationsUnderWay(core, core.tenantId);
  const rows = data.map(({ mac, extension, state, since }) => [
    ...[formatMac(mac), extension, formatTime(since), STATES[state]],
  ]);
  return { data, text: tableOf(['DEVICE', 'EXTENSION', 'SINCE', 'STATE'], rows, 'No phone has a password to change.') };
}

async function forced(
  core: TenantCore,
  wanted: Rotation,
  { underWay }: RotationPlan,
  { dryRun, yes }: Options,
): Promise<Output> {
  const names = underWay.map(formatMac).join(' ');
  if (underWay.length === 0) return { data: { devices: [] }, text: 'No phone has an old password any more.' };
  if (dryRun === true)
    return { data: { devices: underWay }, text: `An old password would go from ${names}. ${NOTHING_YET}` };
  if (yes !== true)
    await core.confirm(
      `The old SIP password goes from ${countOf(underWay)}: ${names}. One that has not fetched the new one can neither call nor be called until it has.`,
    );
  const devices = await endFormers(core, core.tenantId, wanted);
  return { data: { devices }, text: `The old SIP password is gone from ${countOf(devices)}: ${names}` };
}

const NOTHING_YET = 'Nothing is changed yet: this was --dry-run.';

function planned(plan: RotationPlan): Output {
  const { devices, underWay } = plan;
  const first = `${countOf(devices)} would get a new SIP password${devices.length === 0 ? '' : `: ${namesOf(devices)}`}.`;
  const still =
    underWay.length === 0 ? [] : [`Asterisk still has an older one of ${namesOf(underWay)}, see "selfprov rotate".`];
  const data = { ...plan, underWay: underWay.map(formatMac) };
  return { data, text: [first, ...still, ...keptInWords(plan), NOTHING_YET].join('\n') };
}

async function begun(core: TenantCore, wanted: Rotation, plan: RotationPlan, options: Options): Promise<Output> {
  if (options.yes !== true && plan.devices.length > 0)
    await core.confirm(
      `New SIP passwords for ${countOf(plan.devices)}, which are told to fetch them; each old one goes when its phone has the new one.`,
    );
  const { sync, ...done } = await startRotation(core, core.tenantId, wanted, paceOf(options));
  const first = `Sync ${sync.id} gives ${countOf(done.devices)} new SIP passwords: selfprov sync show ${sync.id}, selfprov rotate`;
  return { data: { sync: sync.id, ...done }, text: [first, ...keptInWords(done)].join('\n') };
}

function keptInWords({ kept }: RotationPlan): readonly string[] {
  return kept.map(({ mac, why }) => `${formatMac(mac)} keeps what it has: ${why}`);
}

const MOST_NAMED = 50;

function namesOf(devices: readonly Mac[]): string {
  const more = devices.length > MOST_NAMED ? ` and ${devices.length - MOST_NAMED} more` : '';
  return `${devices.slice(0, MOST_NAMED).map(formatMac).join(' ')}${more}`;
}

function countOf(devices: readonly Mac[]): string {
  return devices.length === 1 ? '1 phone' : `${devices.length.toLocaleString('en')} phones`;
}
