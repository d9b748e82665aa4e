import { createWriteStream, existsSync } from 'node:fs';
import { extname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { InvalidArgumentError, type Command } from 'commander';
import { exportEvents, listEvents, type EventsWanted } from '../administration/events.ts';
import { SelfprovError } from '../domain/errors.ts';
import type { Event } from '../domain/journal.ts';
import { formatMac } from '../domain/mac.ts';
import { countArgument, durationArgument, macArgument } from './arguments.ts';
import { formatTime, tableOf } from './output.ts';
import type { Run } from './run.ts';

/** `selfprov event …` */
export function eventCommands(program: Command, run: Run): void {
  const event = program.command('event').description('what happened');
  filterOptions(event.command('list').description('the latest events, newest last'))
    .option('--limit <n>', 'how many', countArgument, 50)
    .action(
      run(async (core, filter: EventsWanted & { limit: number }) => {
        const events = await listEvents(core, core.tenantId, filter);
        return { data: events, text: timeLine(events) };
      }),
    );
  filterOptions(event.command('export').description('all events, newest first, as a table or as JSON lines'))
    .requiredOption('--out <file>', 'a .csv or a .jsonl')
    .option('--force', 'write over a file that is there')
    .action(
      run(async (core, { out, force = false, ...filter }: EventsWanted & { out: string; force?: boolean }) => {
        const format = formatOf(out);
        if (!force && existsSync(out))
          throw new SelfprovError('conflict', `${out} exists already: --force writes over it`);
        const file = createWriteStream(out, { mode: 0o600, flags: 'w' });
        await pipeline(exportEvents(core, core.tenantId, filter, format), file);
        return { data: { file: out }, text: `The events are in ${out}.` };
      }),
    );
}

function filterOptions(command: Command): Command {
  return command
    .option('--mac <mac>', 'of one device', macArgument)
    .option('--extension <extension>', 'of one user')
    .option('--step <step>', 'of one kind: accepted, refused, locked, failed, changed …')
    .option('--actor <name>', 'who did it: phone, administrator, selfprov, cli, or the beginning of a name')
    .option('--from <time>', 'since then: 2026-11-26, 2026-11-26T08:00, or 12h ago', timeArgument)
    .option('--until <time>', 'before then', timeArgument);
}

function formatOf(file: string): 'csv' | 'jsonl' {
  const format = extname(file).slice(1).toLowerCase();
  if (format === 'csv' || format === 'jsonl') return format;
  throw new SelfprovError('invalid', 'the name of the file ends with .csv or .jsonl');
}

/** Local time, or so long ago. */
function timeArgument(text: string): number {
  if (/^\d+[mhd]$/.test(text)) return Date.now() - durationArgument(text);
  const at = Date.parse(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00` : text);
  if (Number.isNaN(at))
    throw new InvalidArgumentError('Write a time as 2026-11-26, 2026-11-26T08:00, or 12h for 12 hours ago.');
  return at;
}

/** Events as a table, one line each. */
export function timeLine(events: readonly Event[]): string {
  const rows = events.map(({ at, step, mac, actor, address, detail }) => [
    formatTime(at),
    step.replaceAll('_', ' '),
    mac !== null && mac.length === 12 ? formatMac(mac) : (mac ?? ''),
    address === null ? actor : `${actor} (${address})`,
    Object.entries(detail)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => `${name}=${detailOf(name, value)}`)
      .join(' '),
  ]);
  return tableOf(['TIME', 'STEP', 'DEVICE', 'BY', 'DETAIL'], rows, 'Nothing has happened yet.');
}

function detailOf(name: string, value: unknown): string {
  if (name === 'until' || name === 'expiresAt') return formatTime(Number(value));
  return name === 'mac' ? formatMac(String(value)) : String(value);
}
