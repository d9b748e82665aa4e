import type { HandOver, HandOverFailure, Instant } from './types.ts';

/** How patient a hand-over is. All in milliseconds. */
export interface HandOverTimes {
  /** Pauses after the first check-sync, the second …; when they are used up the hand-over fails. */
  readonly pauses: readonly number[];
  /** What a phone may need from its fetch to its registration: it may reboot in between. */
  readonly registerWithin: number;
  /** How long after acceptance the source address alone is proof enough for the user's file. */
  readonly window: number;
  /** The caller should have hung up by then; when the call's end is noticed, check-sync is sent at once. */
  readonly callEndsWithin: number;
}

/**
 * The defaults leave a phone about a quarter of an hour. A reboot takes one to three minutes on most phones, so the
 * pauses grow past that: a check-sync must not hit a phone that is still starting.
 */
export const HAND_OVER_TIMES: HandOverTimes = {
  pauses: [10_000, 30_000, 60_000, 180_000, 300_000, 300_000],
  registerWithin: 180_000,
  window: 15 * 60_000,
  callEndsWithin: 20_000,
};

/** What is to be done about an open hand-over whose time has come. */
export function nextMove(handOver: HandOver, times: HandOverTimes): 'check_sync' | HandOverFailure {
  if (handOver.attempts < times.pauses.length) return 'check_sync';
  if (handOver.notifiedAt === null) return 'not_notified';
  return handOver.fetchedAt === null ? 'not_fetched' : 'not_registered';
}

/** After a check-sync was sent. */
export function afterNotify(handOver: HandOver, times: HandOverTimes, now: Instant): Partial<HandOver> {
  const pause = times.pauses[handOver.attempts] ?? times.registerWithin;
  return { attempts: handOver.attempts + 1, notifiedAt: now, nextAttemptAt: now + pause };
}

/** After the device fetched the file with its new line: it is busy now and must be left alone for a while. */
export function afterFetch(handOver: HandOver, times: HandOverTimes, now: Instant): Partial<HandOver> {
  const nextAttemptAt = handOver.state === 'open' ? now + times.registerWithin : null;
  return { fetchedAt: now, nextAttemptAt };
}

/** After the device registered with its new line. A hand-over given up on is completed too, however late. */
export function afterRegister(now: Instant): Partial<HandOver> {
  return { state: 'done', failure: null, registeredAt: now, nextAttemptAt: null };
}
