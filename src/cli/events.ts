import type { Command } from 'commander';
import { formatMac, type Mac } from '../domain/mac.ts';
import type { Event } from '../domain/journal.ts';
import { listEvents } from '../administration/events.ts';
import { countArgument, macArgument } from './arguments.ts';
import { formatTime, tableOf } from './output.ts';
import type { Run } from './run.ts';

/** `selfprov event …` */
export function eventCommands(program: Command, run: Run): void {
  program
    .command('event')
    .description('what happened')
    .command('list')
    .description('the latest events, newest last')
    .option('--mac <mac>', 'of one device', macArgument)
    .option('--extension <extension>', 'of one user')
    .option('--limit <n>', 'how many', countArgument, 50)
    .action(
      run(async (core, filter: { mac?: Mac; extension?: string; limit: number }) => {
        const events = await listEvents(core, core.tenantId, filter);
        return { data: events, text: timeLine(events) };
      }),
    );
}

/** Events as a table, one line each. */
export function timeLine(events: readonly Event[]): string {
  const rows = events.map(({ at, step, mac, actor, detail }) => [
    formatTime(at),
    step.replaceAll('_', ' '),
    mac !== null && mac.length === 12 ? formatMac(mac) : (mac ?? ''),
    actor,
    Object.entries(detail)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => `${name}=${name === 'until' ? formatTime(Number(value)) : String(value)}`)
      .join(' '),
  ]);
  return tableOf(['TIME', 'STEP', 'DEVICE', 'BY', 'DETAIL'], rows, 'Nothing has happened yet.');
}
