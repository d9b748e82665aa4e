import type { Command } from 'commander';
import {
  changeSync,
  countForSync,
  startSync,
  USUAL_PACE,
  type Pace,
  type SyncChange,
  type SyncWanted,
} from '../administration/syncs.ts';
import { listSyncs, showSync, type SyncShown } from '../administration/syncProgress.ts';
import { formatMac } from '../domain/mac.ts';
import type { SyncItem } from '../domain/syncItem.ts';
import { countArgument, macArgument, wholeArgument } from './arguments.ts';
import { factsOf, formatTime, tableOf } from './output.ts';
import type { Run } from './run.ts';

/** How fast a sync goes, as it is typed. */
export interface PaceOptions {
  readonly perMinute: number;
  readonly perAddress: number;
  readonly canary: number;
  readonly mostLost: number;
  readonly canaryMinutes: number;
  readonly lostAfter: number;
}

type StartOptions = Omit<SyncWanted, 'macs'> &
  PaceOptions & { readonly mac?: readonly string[]; readonly reboot?: true; readonly dryRun?: true };

const MINUTE_MS = 60_000;
const USUAL = {
  ...USUAL_PACE,
  canaryMinutes: USUAL_PACE.canaryWithin / MINUTE_MS,
  lostAfter: USUAL_PACE.backWithin / MINUTE_MS,
};

/** Adds the options of `paceOf`. */
export function paceOptions(command: Command): Command {
  return command
    .option('--per-minute <n>', 'how many are told within a minute', countArgument, USUAL.perMinute)
    .option('--per-address <n>', 'how many of them behind one address', countArgument, USUAL.perAddress)
    .option(
      '--canary <n>',
      'so many go first, and must be back before the others; 0 for none',
      wholeArgument,
      USUAL.canary,
    )
    .option('--most-lost <n>', 'when more of those are lost it stops', wholeArgument, USUAL.mostLost)
    .option('--canary-minutes <n>', 'minutes until one of those is lost', countArgument, USUAL.canaryMinutes)
    .option('--lost-after <n>', 'minutes until one of the others is lost', countArgument, USUAL.lostAfter);
}

export function paceOf({ perMinute, perAddress, canary, mostLost, canaryMinutes, lostAfter }: PaceOptions): Pace {
  const within = { canaryWithin: canaryMinutes * MINUTE_MS, backWithin: lostAfter * MINUTE_MS };
  return { perMinute, perAddress, canary, mostLost, ...within };
}

/** `selfprov sync …` */
export function syncCommands(program: Command, run: Run): void {
  const sync = program.command('sync').description('tell many phones to fetch, one after the other');

  paceOptions(
    sync
      .command('start')
      .description('tell all these phones; the running server does it')
      .option('--all', 'all devices of the tenant')
      .option('--family <family>', 'those of a family')
      .option('--model <model>', 'those of a model')
      .option('--except-version <version>', 'those that have said another version, or none')
      .option('--profile <name>', 'those of users with a profile')
      .option('--line-template <name>', 'those with a line by a template')
      .option('--device-template <name>', 'those by a template')
      .option('--mac <macs...>', 'these alone')
      .option('--reboot', 'they are told to restart, and fetch because of that')
      .option('--dry-run', 'say how many these are, and tell nobody'),
  ).action(
    run(async (core, options: StartOptions) => {
      const { all, family, model, exceptVersion, profile, lineTemplate, deviceTemplate, mac } = options;
      const macs = mac?.map(macArgument);
      const parts = Object.entries({ all, family, model, exceptVersion, profile, lineTemplate, deviceTemplate, macs });
      const wanted: SyncWanted = Object.fromEntries(parts.filter(([, value]) => value !== undefined));
      if (options.dryRun === true) {
        const count = await countForSync(core, core.tenantId, wanted);
        return { data: { count }, text: `${count} devices would be told. Nobody is told: this was --dry-run.` };
      }
      const told = { reboots: options.reboot === true };
      const started = await startSync(core, core.tenantId, wanted, paceOf(options), told);
      const { id } = started;
      const { counts } = await showSync(core, core.tenantId, id);
      const text = `Sync ${id} tells ${counts.waiting} devices: selfprov sync show ${id}`;
      return { data: { ...started, devices: counts.waiting }, text };
    }),
  );

  sync
    .command('list')
    .description('all of them, the latest last')
    .action(
      run(async (core) => {
        const data = await listSyncs(core, core.tenantId);
        const rows = data.map(({ id, state, what, reboots, counts, startedAt, actor }) => [
          ...[
            String(id),
            state,
            reboots ? `${what} (restart)` : what,
            String(totalOf(counts)),
            String(counts.back),
            String(counts.lost),
          ],
          ...[formatTime(startedAt), actor],
        ]);
        const heads = ['SYNC', 'STATE', 'DEVICES', 'ALL', 'BACK', 'LOST', 'STARTED', 'BY'];
        return { data, text: tableOf(heads, rows, 'There have been none.') };
      }),
    );

  sync
    .command('show')
    .argument('<id>', 'as in the list', countArgument)
    .description('how far one is')
    .option('--devices', 'every device with its times; else those that need a look')
    .action(
      run(async (core, id: number, { devices: every }: { devices?: true }) => {
        const data = await showSync(core, core.tenantId, id);
        const minutes = data.minutes.map(({ minute, told, fetched, back, lost }) =>
          [minute, told, fetched, back, lost].map(String),
        );
        const needy = data.devices.filter(({ state }) => state === 'lost' || state === 'by_itself');
        const parts = [
          progressOf(data),
          tableOf(
            ['MINUTE', 'TOLD', 'FETCHED', 'BACK', 'LOST'],
            minutes,
            data.endedAt === null ? 'Nobody has been told yet.' : 'Nobody has been told.',
          ),
          devicesTable(every === true ? data.devices : needy),
        ];
        return { data, text: parts.filter((part) => part !== '').join('\n\n') };
      }),
    );

  const change = (name: SyncChange, about: string): void => {
    sync
      .command(name)
      .argument('<id>', 'as in the list', countArgument)
      .description(about)
      .action(
        run(async (core, id: number) => {
          const { state, what } = await changeSync(core, core.tenantId, id, name);
          return { data: { id, state }, text: `Sync ${id} (${what}) is ${state}.` };
        }),
      );
  };
  change('pause', 'tell nobody until it is resumed');
  change('resume', 'go on with one that is paused, or that has stopped by itself');
  change('cancel', 'tell nobody any more; those that were told go on');
}

function progressOf(sync: SyncShown): string {
  const { id, state, what, reboots, counts, canary, canaryPassedAt, startedAt, endedAt, actor } = sync;
  const first = canaryPassedAt === null ? `${canary}` : `${canary}, the others since ${formatTime(canaryPassedAt)}`;
  return factsOf({
    Sync: `${id}, ${state}`,
    Devices: `${totalOf(counts)} by ${what}${reboots ? ', told to restart' : ''}`,
    Pace: sync.mac === null ? `${sync.perMinute} a minute, ${sync.perAddress} behind one address` : null,
    First: canary === 0 ? null : first,
    Started: `${formatTime(startedAt)} by ${actor}`,
    Ended: endedAt === null ? null : formatTime(endedAt),
    Waiting: String(counts.waiting),
    Told: String(counts.told),
    Fetched: String(counts.fetched),
    Back: String(counts.back),
    Lost: String(counts.lost),
    'By itself': String(counts.by_itself),
  });
}

function devicesTable(items: readonly SyncItem[]): string {
  const time = (at: number | null): string => (at === null ? '' : formatTime(at).slice(11));
  const rows = items.map(({ mac, state, toldAt, fetchedAt, endedAt, why }) => [
    ...[formatMac(mac), state.replace('_', ' '), time(toldAt), time(fetchedAt), time(endedAt), why ?? ''],
  ]);
  return tableOf(['DEVICE', 'STATE', 'TOLD', 'FETCHED', 'ENDED', 'WHY'], rows, '');
}

function totalOf(counts: SyncShown['counts']): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
