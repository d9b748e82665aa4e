import type { AsteriskName } from '../domain/addresses.ts';
import type { PhoneKind } from '../domain/device.ts';
import type { HandOverTimes } from '../domain/handOver.ts';
import type { Notification, Registrar, Secrets, Store } from '../domain/ports.ts';
import type { Instant } from '../domain/time.ts';

/** An endpoint that was proven from some place: as the how manieth of all proofs at first and at last; 0: before we heard. */
export interface Heard {
  readonly endpoint: string;
  readonly first: number;
  readonly last: number;
  readonly firstAt: Instant;
  /** When it was last. */
  readonly at: Instant;
  /** False: it is only listed there, from a time in which nobody told us. */
  readonly isProven: boolean;
}

/** What we have heard of registrations; `registrationWatch.ts` makes one. */
export interface Hearing {
  /**
   * Whether we have heard of every registration at this Asterisk, or at all of them: false from the start, and after every
   * loss, until all are compared.
   */
  readonly knowsAll: (asterisk?: AsteriskName) => boolean;
  /**
   * Whether besides what was proven before we heard, and written down after the first comparison, has been compared: from
   * then on a registration that nobody told of is not where it says.
   */
  readonly hasCaughtUp: (asterisk?: AsteriskName) => boolean;
  /** Places (`whereOf`) that phones have proven this endpoint from lately and that nobody has written down yet, in this order. */
  readonly placesOf: (endpoint: string) => readonly string[];
  /** What there was to learn from these of them is written down. */
  readonly explained: (endpoint: string, places: readonly string[]) => void;
  /** Which endpoints have been proven from this place within the last hours. */
  readonly heardAt: (place: string) => readonly Heard[];
}

/** What the use cases need from outside; each takes only its part of it. */
export interface Ports extends Hearing {
  readonly store: Store;
  readonly secrets: Secrets;
  readonly registrar: Registrar;
  /** How many users such a phone is for: one, but for adapters and bases. */
  readonly portsOf: (kind: PhoneKind) => number;
  /** How many lines such a phone can have, each for a user; no fewer than its ports. */
  readonly linesOf: (kind: PhoneKind) => number;
  /** How a family is told to fetch again, or to restart. */
  readonly checkSyncOf: (family: string, what: 'fetch' | 'reboot') => Notification;
  readonly times: HandOverTimes;
  /** Languages in which every prompt is there; `null` when that cannot be told, because they are on another machine. */
  readonly languages: readonly string[] | null;
  /** Something is due: the running process looks now instead of at its next turn. */
  readonly wake: () => void;
  /** The clock of what is planned: it never jumps while the process runs. */
  readonly now: () => Instant;
}
