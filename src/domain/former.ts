import type { Instant } from './time.ts';

/**
 * What a line had before it got another SIP password. Asterisk takes both, and tells nobody by which of them a phone has proven
 * itself. So the phone is tried: when it has the file with the new one and has registered since, the old one is withdrawn. It is
 * gone when the phone proves itself without it, and back at once when the phone is refused.
 */
export interface Former {
  /** As they were of the line (`Line`). */
  readonly authName: string;
  readonly authId: string;
  readonly md5Credential: string;
  /** When the line got its new one. */
  readonly since: Instant;
  /** When the file with the new one arrived whole; `null` when it has not. */
  readonly fetchedAt: Instant | null;
  /** How the phone was registered then (`markOf`); `null` when it was not. */
  readonly seenThen: string | null;
  /** Since when Asterisk does not take the old one; `null` while it does. */
  readonly withdrawnAt: Instant | null;
  /** Refusals since then from where nobody knows the phone. */
  readonly strangeRefusals: number;
  /** How many times it was put back for such, or after such, for whom it is let in by it may be a stranger. */
  readonly strangeReturns: number;
}

export type FormerEvent =
  | { readonly kind: 'fetched'; readonly registration: string | null }
  /**
   * The phone has proven itself at Asterisk, last at that time, and is registered so; `leftAt` is when it was last seen to be gone.
   * While the old one is withdrawn: by a proof that can be nobody else's.
   */
  | { readonly kind: 'proven'; readonly at: Instant; readonly registration: string; readonly leftAt: Instant | null }
  /** It is registered, at an endpoint of ours. */
  | { readonly kind: 'registered' }
  /** Asterisk has refused the phone; `unknown`: or somebody who is at no place of any phone. */
  | { readonly kind: 'refused'; readonly from: RefusedFrom }
  | { readonly kind: 'time_passed' };

/** `file`: where it has fetched from. `registration`: by what it was registered as, or where. */
export type RefusedFrom = 'file' | 'registration' | 'unknown';

/** A phone that only renews its registration may wait for the end of a call before it takes what it has fetched. */
const SETTLED_MS = 10 * 60_000;
/** What was under way when the old one was withdrawn is no proof of the new one; clocks of hosts may differ by two seconds. */
const SURE_AFTER_MS = 3000;
/** Longer than any registration lasts: the view `ps_aors` allows two hours. What stands then has been renewed meanwhile. */
const OUTLASTED_MS = 130 * 60_000;
/** More than that. Refusals may not have been heard of. */
const TRIED_MS = 3 * 60 * 60_000;
/** A phone asks again and again, and so do people who guess. */
const STRANGE_REFUSALS = 3;
/** Whoever guesses, or has found the old one, has it put back so many times and never again. */
const STRANGE_RETURNS = 3;
/** For people: who has not come for so long is lost, and goes on with the old one. */
const LOST_MS = 7 * 24 * 60 * 60_000;

/** What an event makes of it; `null` when it is gone for good, the same for an event that means nothing now. */
export function formerAfter(former: Former, event: FormerEvent, now: Instant): Former | null {
  const { fetchedAt, withdrawnAt } = former;
  switch (event.kind) {
    case 'fetched':
      return fetchedAt === null ? { ...former, fetchedAt: now, seenThen: event.registration } : former;
    case 'proven':
      if (withdrawnAt !== null) return event.at >= withdrawnAt + SURE_AFTER_MS ? null : former;
      return hasNew(former, event, now) ? { ...former, withdrawnAt: now, strangeRefusals: 0 } : former;
    case 'registered':
      return withdrawnAt !== null && now - withdrawnAt > OUTLASTED_MS ? null : former;
    case 'refused':
      return withdrawnAt === null ? former : afterRefusal(former, event.from);
    case 'time_passed':
      return withdrawnAt !== null && now - withdrawnAt > TRIED_MS ? { ...former, withdrawnAt: null } : former;
  }
}

/** Who is known by now for a registration after a return that a stranger may have had may be that stranger. */
function afterRefusal(former: Former, from: RefusedFrom): Former {
  const { strangeRefusals, strangeReturns } = former;
  const back = { ...former, withdrawnAt: null };
  if (from === 'file' || (from === 'registration' && strangeReturns === 0))
    return { ...back, fetchedAt: null, seenThen: null };
  if (strangeReturns >= STRANGE_RETURNS) return former;
  const returned = { ...back, strangeReturns: strangeReturns + 1 };
  if (from === 'registration') return { ...returned, fetchedAt: null, seenThen: null };
  const refusals = strangeRefusals + 1;
  // The phone may have the new one all the same: then it is tried on, without another fetch.
  return refusals < STRANGE_REFUSALS ? { ...former, strangeRefusals: refusals } : returned;
}

/** Most likely: it has fetched the new one, and has begun anew since. */
function hasNew(
  { fetchedAt, seenThen }: Former,
  { at, registration, leftAt }: Extract<FormerEvent, { kind: 'proven' }>,
  now: Instant,
): boolean {
  if (fetchedAt === null || at <= fetchedAt) return false;
  return registration !== seenThen || (leftAt ?? 0) > fetchedAt || now - fetchedAt >= SETTLED_MS;
}

/** How far a phone is; `lost`: it has not come for the new one. */
export const FORMER_STATES = ['waiting', 'fetched', 'trying', 'lost'] as const;
export type FormerState = (typeof FORMER_STATES)[number];

export function formerState({ since, fetchedAt, withdrawnAt }: Former, now: Instant): FormerState {
  if (withdrawnAt !== null) return 'trying';
  if (now - since > LOST_MS) return 'lost';
  return fetchedAt === null ? 'waiting' : 'fetched';
}
