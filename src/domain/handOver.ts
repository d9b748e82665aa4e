import { isPrivateAddress, whereOf } from './addresses.ts';
import { isDefaultLine, type DeviceState, type Line } from './device.ts';
import type { Mac } from './mac.ts';
import { namesMac, type Contact } from './registrations.ts';
import type { Detail, Step } from './journal.ts';
import type { Secret } from './secret.ts';
import type { Instant } from './time.ts';

export type HandOverKind = 'assign' | 'release';
export type HandOverFailure = 'not_notified' | 'not_fetched' | 'not_registered';

/** Everything from the accepted secret until the device has registered with its new line. One per slot, the latest. */
export interface HandOver {
  /** A later hand-over of the same slot has another: what comes too late for this one changes nothing. */
  readonly id: string;
  readonly mac: Mac;
  /** Of the line that the device gets. */
  readonly slot: number;
  readonly kind: HandOverKind;
  readonly state: 'open' | 'done' | 'failed';
  readonly failure: HandOverFailure | null;
  /** The line that the device gets. */
  readonly lineId: string;
  /** AOR that the device will register with when it is back. */
  readonly aor: string;
  /** AOR that it was registered with before. */
  readonly leaves: string | null;
  /** Contact URI of the device at acceptance: check-sync goes to it and to nobody else. */
  readonly contact: string | null;
  /** The AOR's contacts before the device could register with it, as they were (`standing`); `null` when nobody has looked yet. */
  readonly contactsBefore: readonly string[] | null;
  /**
   * Source address that the device was registered from. Together with `windowEndsAt` a proof after an assignment; after
   * a release the only place from where `previousToken` is taken.
   */
  readonly address: string | null;
  readonly windowEndsAt: Instant;
  /** The token of the line it leaves: without it a phone that missed its new file could never fetch it. */
  readonly previousToken: Secret | null;
  readonly acceptedAt: Instant;
  readonly notifiedAt: Instant | null;
  /** The first time that the file with the new line has arrived whole. */
  readonly fetchedAt: Instant | null;
  readonly registeredAt: Instant | null;
  /** Check-syncs sent, or refused by Asterisk, so far. */
  readonly attempts: number;
  /** When to look again; `null` when closed. */
  readonly nextAttemptAt: Instant | null;
}

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

/** While a check-sync is being sent nobody else sends it; who dies over it is taken over from after this. */
const LEASE_MS = 15_000;
/** How long to wait before Asterisk is asked again after it could not be reached. Such waits use up no attempt. */
const ASK_AGAIN_MS = 2000;
/** A phone that fetches again and again without registering is left alone for so many times `registerWithin`. */
const LONGEST_PEACE = 3;

export type HandOverEvent =
  /** The call in which it was accepted is over. */
  | { readonly kind: 'call_ended' }
  /** `nextAttemptAt` has come; with the contacts that the AOR has now (`standing`), where somebody has looked. */
  | { readonly kind: 'due'; readonly contacts: readonly string[] | null }
  /** Asterisk has sent the check-sync that the move at `due` asked for, would not send it, or could not be asked. */
  | { readonly kind: 'sent' | 'unreachable'; readonly leasedUntil: Instant | null }
  | { readonly kind: 'not_sent'; readonly leasedUntil: Instant | null; readonly why: string }
  /** The file with the new line has arrived whole, asked for with the new token or not. */
  | { readonly kind: 'fetched'; readonly withNewToken: boolean }
  /** Asterisk knows a newer contact than the one that the device was known by, if it was by any. */
  | { readonly kind: 'moved'; readonly from: string | null; readonly to: string }
  /** A registration with the new line; certainly of this device, or likely. */
  | { readonly kind: 'registered'; readonly certain: boolean };

/** What an event makes of a hand-over. */
export interface Move {
  readonly handOver: HandOver;
  /** To be carried out after the transaction: its outcome is the next event. */
  readonly action: 'check_sync' | null;
  readonly journal: readonly { readonly step: Step; readonly detail: Detail }[];
}

/**
 * What happens next in a hand-over: the only place that decides it. Pure; who calls reads, steps and writes in one
 * transaction. An event that means nothing now gives back the hand-over itself.
 */
export function step(handOver: HandOver, event: HandOverEvent, now: Instant, times: HandOverTimes): Move {
  if (handOver.state === 'done') return to(handOver, {});
  switch (event.kind) {
    case 'call_ended':
      return isOpen(handOver) && handOver.attempts === 0 && handOver.fetchedAt === null
        ? to(handOver, { nextAttemptAt: Math.min(now, handOver.nextAttemptAt) })
        : to(handOver, {});
    case 'due':
      return whenDue(handOver, event.contacts, now, times);
    case 'sent':
    case 'not_sent':
    case 'unreachable':
      return afterAttempt(handOver, event, now, times);
    case 'moved':
      return to(handOver, handOver.contact === event.from ? { contact: event.to } : {});
    case 'fetched':
      return afterFetch(handOver, event.withNewToken, now, times);
    case 'registered':
      return afterRegister(handOver, event.certain, now);
  }
}

/**
 * Whether what happens with this line tells how far the hand-over is. A released phone that has forgotten its token is
 * given another default line when somebody else was faster with the first; it is known by where it asks from, unless a
 * whole neighbourhood asks from there, by where it registers from, and by the MAC that it names then (`contact`).
 */
export function concerns(
  handOver: HandOver,
  line: Pick<Line, 'id' | 'userId' | 'slot' | 'address'>,
  contact: Pick<Contact, 'uri' | 'userAgent'> | null = null,
): boolean {
  if (line.id === handOver.lineId) return true;
  const isReleased = handOver.kind === 'release' && line.userId === null && line.slot === handOver.slot;
  if (!isReleased) return false;
  if (contact !== null && namesMac(contact.userAgent, handOver.mac)) return true;
  if (contact !== null && handOver.contact !== null && whereOf(contact.uri) === whereOf(handOver.contact)) return true;
  return line.address !== null && line.address === handOver.address && isPrivateAddress(line.address);
}

/** What becomes of a device: its lines and their hand-overs say it together. */
export function stateOf(lines: readonly Line[], handOvers: readonly HandOver[]): DeviceState {
  const users = lines.filter((line) => !isDefaultLine(line));
  if (users.length === 0) return 'unassigned';
  const isUnderWay = ({ kind, state, lineId }: HandOver): boolean =>
    kind === 'assign' && state === 'open' && users.some(({ id }) => id === lineId);
  return handOvers.some(isUnderWay) ? 'handing_over' : 'assigned';
}

/** What is planned for later than this was planned by a process whose clock was ahead: it is due. */
export function latestDue(now: Instant, { pauses, registerWithin, callEndsWithin }: HandOverTimes): Instant {
  return now + Math.max(...pauses, registerWithin, callEndsWithin, LEASE_MS);
}

function isOpen(handOver: HandOver): handOver is HandOver & { readonly nextAttemptAt: Instant } {
  return handOver.state === 'open' && handOver.nextAttemptAt !== null;
}

function whenDue(handOver: HandOver, contacts: readonly string[] | null, now: Instant, times: HandOverTimes): Move {
  if (!isOpen(handOver)) return to(handOver, {});
  if (handOver.nextAttemptAt > now && handOver.nextAttemptAt <= latestDue(now, times)) return to(handOver, {});
  const contactsBefore = handOver.contactsBefore ?? contacts;
  if (handOver.attempts < times.pauses.length) {
    return to(handOver, { contactsBefore, nextAttemptAt: now + LEASE_MS }, { action: 'check_sync' });
  }
  const failure = failureOf(handOver);
  return to(
    handOver,
    { state: 'failed', failure, nextAttemptAt: null },
    { journal: [{ step: 'failed', detail: { kind: handOver.kind, failure } }] },
  );
}

function failureOf({ notifiedAt, fetchedAt }: HandOver): HandOverFailure {
  if (fetchedAt !== null) return 'not_registered';
  return notifiedAt === null ? 'not_notified' : 'not_fetched';
}

function afterAttempt(
  handOver: HandOver,
  event: Extract<HandOverEvent, { kind: 'sent' | 'not_sent' | 'unreachable' }>,
  now: Instant,
  times: HandOverTimes,
): Move {
  if (!isOpen(handOver)) return to(handOver, {});
  const next = (pause: number): Instant =>
    // A phone that fetched meanwhile has earned its peace already.
    handOver.nextAttemptAt === event.leasedUntil ? now + pause : Math.max(handOver.nextAttemptAt, now + pause);
  if (event.kind === 'unreachable') return to(handOver, { nextAttemptAt: next(ASK_AGAIN_MS) });
  const attempt = handOver.attempts + 1;
  const tried = { attempts: attempt, nextAttemptAt: next(times.pauses[handOver.attempts] ?? times.registerWithin) };
  if (event.kind === 'sent') {
    const after = handOver.notifiedAt === null ? { after: secondsFrom(handOver.acceptedAt, now) } : {};
    const told = { step: 'notified', detail: { attempt, ...after } } as const;
    return to(handOver, { ...tried, notifiedAt: now }, { journal: [told] });
  }
  const why = event.kind === 'not_sent' ? event.why : null;
  return to(handOver, tried, { journal: [{ step: 'not_notified', detail: { attempt, why } }] });
}

function afterFetch(handOver: HandOver, withNewToken: boolean, now: Instant, times: HandOverTimes): Move {
  const { kind, acceptedAt, notifiedAt, fetchedAt, contactsBefore, previousToken } = handOver;
  const first = fetchedAt ?? now;
  const after = secondsFrom(notifiedAt ?? acceptedAt, now);
  const peace = Math.min(now + times.registerWithin, first + LONGEST_PEACE * times.registerWithin);
  return to(
    handOver,
    {
      fetchedAt: first,
      // It was given up on: what is missing now is its registration.
      failure: handOver.failure === null ? null : 'not_registered',
      // Nobody has looked before it could register: any may be its now.
      contactsBefore: contactsBefore ?? [],
      previousToken: withNewToken ? null : previousToken,
      nextAttemptAt: isOpen(handOver) ? Math.max(handOver.nextAttemptAt, peace) : null,
    },
    { journal: fetchedAt === null ? [{ step: 'fetched', detail: { kind, after } }] : [] },
  );
}

/** A hand-over given up on is completed too, however late. */
function afterRegister(handOver: HandOver, certain: boolean, now: Instant): Move {
  if (handOver.fetchedAt === null && !certain) return to(handOver, {});
  const { kind, acceptedAt, notifiedAt, fetchedAt } = handOver;
  const seconds = Math.round((now - acceptedAt) / 1000);
  const after = secondsFrom(fetchedAt ?? notifiedAt ?? acceptedAt, now);
  return to(
    handOver,
    { state: 'done', failure: null, registeredAt: now, nextAttemptAt: null, previousToken: null },
    { journal: [{ step: 'done', detail: { kind, seconds, after } }] },
  );
}

/** Since the step before, in tenths: what a reader of the time-line would work out. Clocks may differ. */
function secondsFrom(before: Instant, now: Instant): number {
  return Math.max(0, Math.round((now - before) / 100) / 10);
}

function to(handOver: HandOver, change: Partial<HandOver>, what: Partial<Omit<Move, 'handOver'>> = {}): Move {
  const changed = Object.entries(change).some(([field, value]) => handOver[field as keyof HandOver] !== value);
  return {
    handOver: changed ? { ...handOver, ...change } : handOver,
    action: what.action ?? null,
    journal: what.journal ?? [],
  };
}

/**
 * Whether the phone that a hand-over waits for is nowhere to be told: it has never registered, or is switched off. `null`: it has never
 * asked for anything, and comes up with what it is to have.
 */
export function isNowhere(handOver: (Pick<HandOver, 'contact'> & NotYet) | null): boolean {
  if (handOver === null) return true;
  return handOver.contact === null && handOver.notifiedAt === null && handOver.fetchedAt === null;
}

/** Instants, in any form. */
interface NotYet {
  readonly notifiedAt: unknown;
  readonly fetchedAt: unknown;
}
