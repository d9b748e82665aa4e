/** IANA time zone names and the POSIX TZ string of the rule each follows now. */
export type TimeZoneRules = ReadonlyMap<string, string>;

/** A yearly change of the clocks, in the numberings that phones use. Hours are wall time before the change. */
export interface ClockChange {
  /** 1 to 12. */
  readonly month: number;
  /** 1 to 4, or 5 for the last of the month. */
  readonly week: number;
  readonly is_last_week: boolean;
  /** The weekday falls on this day of the month or the six after it; -1 means the last of the month. */
  readonly on_or_after_day: number;
  /** 0 is Sunday, 6 Saturday. */
  readonly weekday0: number;
  /** 1 is Sunday, 7 Saturday. */
  readonly weekday1: number;
  /** ISO 8601: 1 is Monday, 7 Sunday. */
  readonly weekday_iso: number;
  readonly hour: number;
  readonly minute: number;
}

/** A POSIX TZ string taken apart. */
export interface TimeZoneParts {
  /** Minutes east of UTC in winter. */
  readonly offset: number;
  /** Minutes that the clocks go forward; 0 without daylight saving time. */
  readonly saving: number;
  readonly start: ClockChange | null;
  readonly end: ClockChange | null;
  /** In POSIX spelling, always with the positive saving first. */
  readonly posix: string;
  /** The same with every default written out: `CET-1CEST-2,M3.5.0/02:00:00,M10.5.0/03:00:00`. */
  readonly posixFull: string;
}

const NAME = '([A-Za-z]+|<[A-Za-z0-9+-]+>)';
const TIME = '([+-]?\\d{1,3}(?::\\d{2}){0,2})';
const CHANGE = `M(\\d{1,2})\\.(\\d)\\.(\\d)(?:/${TIME})?`;
const POSIX = new RegExp(`^${NAME}${TIME}(?:${NAME}${TIME}?,${CHANGE},${CHANGE})?$`);

/**
 * Takes a POSIX TZ string apart (POSIX.1-2017, 8.3); `undefined` when it is not one or changes on fixed days. Phones
 * cannot say an hour outside 0 to 23: the few rules that have one (Israel, Palestine, Chile, Greenland, Lebanon) are
 * moved to the nearest hour of the day they name. Ireland's rule, which POSIX spells as a winter saving, is turned round.
 */
export function readPosixRule(rule: string): TimeZoneParts | undefined {
  const match = POSIX.exec(rule);
  if (match === null) return undefined;
  const [, name = '', west = '0', summer, summerWest, ...changes] = match;
  const offset = -minutes(west);
  if (summer === undefined) return { offset, saving: 0, start: null, end: null, posix: rule, posixFull: rule };

  const saving = summerWest === undefined ? 60 : -minutes(summerWest) - offset;
  const [first, second] = [clockChange(changes.slice(0, 4)), clockChange(changes.slice(4))];
  const forward = saving > 0;
  const [start, end] = forward ? [first, second] : [second, first];
  const winter = { name: forward ? name : summer, offset: forward ? offset : offset + saving };
  const daylight = { name: forward ? summer : name, offset: winter.offset + Math.abs(saving) };
  const head = `${winter.name}${spellWest(winter.offset)}${daylight.name}`;
  return {
    offset: winter.offset,
    saving: Math.abs(saving),
    start,
    end,
    posix: forward ? rule : `${head},${spellChange(start)},${spellChange(end)}`,
    posixFull: `${head}${spellWest(daylight.offset)},${spellChange(start)},${spellChange(end)}`,
  };
}

function minutes(time: string): number {
  const [hours = '0', rest = '0'] = time.split(':');
  return Number(hours) * 60 + (time.startsWith('-') ? -1 : 1) * Number(rest);
}

function clockChange([month = '', week = '', weekday = '', time = '2']: readonly (string | undefined)[]): ClockChange {
  const at = Math.min(Math.max(minutes(time), 0), 23 * 60 + 59);
  const [weekNumber, weekday0] = [Number(week), Number(weekday)];
  return {
    month: Number(month),
    week: weekNumber,
    is_last_week: weekNumber === 5,
    on_or_after_day: weekNumber === 5 ? -1 : (weekNumber - 1) * 7 + 1,
    weekday0,
    weekday1: weekday0 + 1,
    weekday_iso: weekday0 === 0 ? 7 : weekday0,
    hour: Math.floor(at / 60),
    minute: at % 60,
  };
}

/** POSIX counts west as positive. */
function spellWest(offset: number): string {
  const sign = offset > 0 ? '-' : '';
  const size = Math.abs(offset);
  return `${sign}${Math.floor(size / 60)}${size % 60 === 0 ? '' : `:${twoDigits(size % 60)}`}`;
}

function spellChange(change: ClockChange): string {
  return `M${change.month}.${change.week}.${change.weekday0}/${twoDigits(change.hour)}:${twoDigits(change.minute)}:00`;
}

/** `7` as `07`. */
export function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}
