import type { Mac } from './mac.ts';
import type { Instant } from './time.ts';

/** `by_itself`: not told, or nobody can say what came of it; it has the change at its next fetch. */
export type SyncItemState = 'waiting' | 'told' | 'fetched' | 'back' | 'lost' | 'by_itself';

/** One device of a sync. */
export interface SyncItem {
  readonly syncId: number;
  readonly mac: Mac;
  /** Lowest first. */
  readonly position: number;
  readonly state: SyncItemState;
  /** One of those that go first. */
  readonly isCanary: boolean;
  /** The line whose contact was told, and where that was seen from. */
  readonly lineId: string | null;
  readonly address: string | null;
  /** Asterisk has sent the NOTIFY; false while that is under way, and for ever when the process died over it. */
  readonly isSent: boolean;
  /** The registration as it stood then, or when it was last renewed before the fetch: any newer one is a new REGISTER. */
  readonly mark: string | null;
  readonly expiresAt: Instant | null;
  /** Why it is by itself. */
  readonly why: string | null;
  readonly toldAt: Instant | null;
  readonly fetchedAt: Instant | null;
  /** Its last REGISTER after it was told. */
  readonly registeredAt: Instant | null;
  /** When it was back, lost, or left to itself. */
  readonly endedAt: Instant | null;
}

export type SyncItemEvent =
  /** Asterisk has sent the NOTIFY, could not be asked, or it was not to be sent. */
  | { readonly kind: 'sent' | 'unreachable' }
  | { readonly kind: 'not_sent'; readonly why: string }
  /** Its own file has arrived whole, at that time: it may be noted late. */
  | { readonly kind: 'fetched'; readonly at: Instant }
  /** Its current registration, as somebody has just seen it. */
  | { readonly kind: 'registered'; readonly mark: string; readonly expiresAt: Instant };

/** What an event makes of one device of a sync; the same for an event that means nothing now. */
export function itemAfter(item: SyncItem, event: SyncItemEvent, now: Instant): SyncItem {
  const isUnderWay = item.state === 'told' || item.state === 'lost';
  const isBeingTold = item.state === 'told' && !item.isSent;
  switch (event.kind) {
    case 'sent':
      return item.toldAt !== null && !item.isSent ? { ...item, isSent: true } : item;
    case 'not_sent':
      return isBeingTold ? { ...byItself(item, event.why, now), toldAt: null } : item;
    case 'unreachable':
      return isBeingTold ? { ...item, ...NOT_TOLD } : item;
    case 'fetched':
      if (!isUnderWay || item.fetchedAt !== null) return item;
      return afterFetch({ ...item, fetchedAt: event.at }, now);
    case 'registered':
      return afterRegister(item, event, now);
  }
}

/** Why one that lives is by itself. */
export const NOT_FETCHED = 'it has not fetched its file';

const NOT_TOLD = {
  state: 'waiting',
  isCanary: false,
  lineId: null,
  address: null,
  mark: null,
  expiresAt: null,
  toldAt: null,
  registeredAt: null,
} as const;

function afterFetch(item: SyncItem & { readonly fetchedAt: Instant }, now: Instant): SyncItem {
  if (item.registeredAt !== null && item.registeredAt > item.fetchedAt) return { ...item, state: 'back', endedAt: now };
  return { ...item, state: item.state === 'lost' ? 'lost' : 'fetched' };
}

/** One that was given up on is back too, however late. */
function afterRegister(
  item: SyncItem,
  { mark, expiresAt }: Extract<SyncItemEvent, { kind: 'registered' }>,
  now: Instant,
): SyncItem {
  if (item.state !== 'told' && item.state !== 'fetched' && item.state !== 'lost') return item;
  const isKnown = item.mark !== null;
  if (isKnown && item.mark === mark && expiresAt <= (item.expiresAt ?? 0)) return item;
  if (!isKnown) return { ...item, mark, expiresAt };
  const seen = { ...item, mark, expiresAt, registeredAt: now };
  if (item.fetchedAt !== null) return { ...seen, state: 'back', endedAt: now };
  return item.state === 'lost' ? byItself(seen, NOT_FETCHED, now) : seen;
}

/** How many devices are in each state. */
export function countsOf(items: readonly Pick<SyncItem, 'state'>[]): Readonly<Record<SyncItemState, number>> {
  const counts = { waiting: 0, told: 0, fetched: 0, back: 0, lost: 0, by_itself: 0 };
  for (const { state } of items) counts[state] += 1;
  return counts;
}

/** One that is by itself was no test for the others. */
export function byItself(item: SyncItem, why: string, now: Instant): SyncItem {
  return { ...item, state: 'by_itself', isCanary: false, why, endedAt: now };
}

/** Nothing more is expected of it. */
export function isEnded(state: SyncItemState): boolean {
  return state === 'back' || state === 'lost' || state === 'by_itself';
}
