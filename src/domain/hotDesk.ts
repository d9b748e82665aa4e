import type { Mac } from './mac.ts';
import type { Instant } from './time.ts';

/** A line that a user has left to use a shared phone. */
export interface Home {
  readonly mac: Mac;
  readonly slot: number;
}

/** Somebody has logged in on a shared phone: the user's lines have moved there, and go back when it is over. */
export interface HotDesk {
  readonly mac: Mac;
  readonly userId: string;
  readonly homes: readonly Home[];
  readonly since: Instant;
  /** When it ends by itself; `null`: only when somebody says so. */
  readonly endsAt: Instant | null;
}

const DAY_MS = 24 * 60 * 60_000;
const MINUTE_MS = 60_000;

/**
 * The next moment in which clocks of this zone show this time (`18:00`); where clocks are set forward over it, the first one
 * after.
 */
export function nextTime(time: string, timeZone: string, now: Instant): Instant {
  const shown = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const start = Math.floor(now / MINUTE_MS) * MINUTE_MS + MINUTE_MS;
  const minutes = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
  // What is left of the day by its clock; a day on which clocks are set is an hour off, which is looked for around it.
  const left = (minutes(time) - minutes(shown.format(start)) + 1440) % 1440;
  const guess = start + left * MINUTE_MS;
  for (let off = -60; off <= 60; off++) {
    const at = guess + off * MINUTE_MS;
    if (at >= start && shown.format(at) === time) return at;
  }
  return Math.min(guess, now + DAY_MS);
}
