import { fileURLToPath } from 'node:url';
import { step, type HandOver, type HandOverEvent } from '../src/domain/handOver.ts';

const TIMES = { pauses: [900, 900], registerWithin: 900, window: 900, callEndsWithin: 900 };
const LEASED = 100;
const NOW = 50;

const OPEN: HandOver = {
  ...{ id: '', mac: '', slot: 1, kind: 'assign', state: 'open', failure: null, lineId: '', aor: '', leaves: null },
  ...{ contact: null, contactsBefore: [], address: null, windowEndsAt: 0, previousToken: null, acceptedAt: 0 },
  ...{ notifiedAt: null, fetchedAt: null, registeredAt: null, attempts: 0, nextAttemptAt: LEASED },
};

/** Where a hand-over can stand. */
const PLACES: Readonly<Record<string, HandOver>> = {
  accepted: OPEN,
  notified: { ...OPEN, attempts: 1, notifiedAt: 1 },
  fetched: { ...OPEN, attempts: 1, notifiedAt: 1, fetchedAt: 1 },
  failed: { ...OPEN, state: 'failed', attempts: 2, nextAttemptAt: null },
  done: { ...OPEN, state: 'done', nextAttemptAt: null },
};

const EVENTS: readonly (readonly [string, HandOverEvent, Partial<HandOver>])[] = [
  ['the call is over', { kind: 'call_ended' }, {}],
  ['its time has come, pauses are left', { kind: 'due', contacts: [] }, {}],
  ['its time has come, no pause is left', { kind: 'due', contacts: [] }, { attempts: 2 }],
  ['check-sync was sent', { kind: 'sent', leasedUntil: LEASED }, {}],
  ['check-sync was not sent', { kind: 'not_sent', leasedUntil: LEASED, why: '' }, {}],
  ['Asterisk could not be asked', { kind: 'unreachable', leasedUntil: LEASED }, {}],
  ['its file has arrived whole', { kind: 'fetched', withNewToken: false }, {}],
  ['it has registered, likely', { kind: 'registered', certain: false }, {}],
  ['it has registered, certainly', { kind: 'registered', certain: true }, {}],
];

/** What `step` makes of each event in each place, as a Markdown table. */
export function handOverTable(): string {
  const heads = Object.keys(PLACES);
  const rows = EVENTS.map(([words, event, more]) => [
    words,
    ...Object.values(PLACES).map((place) => outcome(place.state === 'open' ? { ...place, ...more } : place, event)),
  ]);
  const all = [['', ...heads], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length))) ?? [];
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [line(all[0] ?? []), rule, ...all.slice(1).map(line)].join('\n');
}

function outcome(place: HandOver, event: HandOverEvent): string {
  const { handOver, action } = step(place, event, event.kind === 'due' ? LEASED : NOW, TIMES);
  if (action === 'check_sync') return 'send check-sync';
  const next = placeOf(handOver);
  if (next !== placeOf(place)) return `→ ${next}`;
  if (handOver.nextAttemptAt === place.nextAttemptAt) return '';
  return handOver.nextAttemptAt === NOW ? 'due at once' : 'wait';
}

function placeOf({ state, fetchedAt, notifiedAt }: HandOver): string {
  if (state !== 'open') return state;
  if (fetchedAt !== null) return 'fetched';
  return notifiedAt === null ? 'accepted' : 'notified';
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(`${handOverTable()}\n`);
