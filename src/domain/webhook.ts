import { mayBeAbove, type Event, type Step } from './journal.ts';
import type { Secret } from './secret.ts';
import type { Instant } from './time.ts';

/** A URL that is told what happens, one event after the other, each until it has been taken. */
export interface Webhook {
  readonly id: string;
  /** Whose events; `null`: all tenants'. */
  readonly tenantId: string | null;
  readonly url: string;
  /** What it is signed with: `whsec_` and base64. */
  readonly secret: Secret;
  /** Empty: all. */
  readonly steps: readonly Step[];
  /** Made by who has one tenant only: it may not reach into networks of our own. */
  readonly isConfined: boolean;
  readonly createdAt: Instant;
  /** Id of the last event that is done with. */
  readonly cursor: number;
  /** Of the event after that, so far. */
  readonly attempts: number;
  readonly nextAttemptAt: Instant;
  /** Why the last attempt failed; `null` when it did not. */
  readonly failure: string | null;
  /** It has said that it is gone (410), or an administrator has. */
  readonly isStopped: boolean;
}

/** An event that a webhook was told of in vain, and is not told of again by itself. */
export interface DeadLetter {
  readonly id: string;
  readonly webhookId: string;
  readonly event: Event;
  readonly why: string;
  readonly at: Instant;
}

/** What became of one attempt: the status of an answer, or why there was none. */
export type Told = { readonly status: number } | { readonly error: string };

const SECOND_MS = 1000;
const HOUR_MS = 3600 * SECOND_MS;
/** After the first attempt that failed, the second …; the last one again and again. */
const PAUSES = [5 * SECOND_MS, 30 * SECOND_MS, 120 * SECOND_MS, 600 * SECOND_MS, 1800 * SECOND_MS, HOUR_MS];
/**
 * Attempts for an event that is refused, by the first pauses: asking again mends nothing there but what is being put in place at this moment, and
 * all others wait behind it. One that nobody answers is tried as long as it is worth something.
 */
const REFUSED_ATTEMPTS = 3;
/** Of 4xx those that say "later": too slow, too early, too many. */
const LATER = [408, 425, 429];
const WORTH_MS = 24 * HOUR_MS;

/** Who has one tenant only, and has made it, is not told what is above tenants either. */
export function isWanted(
  { steps, tenantId, isConfined }: Pick<Webhook, 'steps' | 'tenantId' | 'isConfined'>,
  event: Event,
): boolean {
  if (isConfined && mayBeAbove(event)) return false;
  return (steps.length === 0 || steps.includes(event.step)) && (tenantId === null || event.tenantId === tenantId);
}

/** What follows from an attempt: how the webhook is then, and whether the event is given up, and why. */
export function afterAttempt(
  webhook: Webhook,
  event: Event,
  told: Told,
  now: Instant,
): { readonly change: Partial<Webhook>; readonly why: string | null } {
  const status = 'status' in told ? told.status : null;
  const done = { cursor: Number(event.id), attempts: 0, nextAttemptAt: now, failure: null };
  if (status !== null && status >= 200 && status < 300) return { change: done, why: null };
  const failure = 'status' in told ? `answered ${told.status}` : told.error;
  if (status === 410) return { change: { isStopped: true, failure: 'answered 410: it is gone' }, why: null };
  const attempts = webhook.attempts + 1;
  const isRefused = status !== null && status >= 400 && status < 500 && !LATER.includes(status);
  if ((isRefused && attempts >= REFUSED_ATTEMPTS) || now - event.at > WORTH_MS)
    return { change: { ...done, failure }, why: failure };
  const pause = PAUSES[Math.min(attempts, PAUSES.length) - 1] ?? HOUR_MS;
  return { change: { attempts, failure, nextAttemptAt: now + pause }, why: null };
}
