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

/** What the use cases need from outside; each takes only its part of it. */
export interface Ports {
  readonly store: Store;
  readonly secrets: Secrets;
  readonly registrar: Registrar;
  /** Whether we have heard of every registration, see `registrationWatch.ts`. */
  readonly knowsAll: () => boolean;
  /** Whether besides a registration that nobody told of must be one that is where it cannot be. */
  readonly hasCaughtUp: () => boolean;
  /** Places (`whereOf`) that phones have proven this endpoint from lately and that nobody has written down yet, in this order. */
  readonly placesOf: (endpoint: string) => readonly string[];
  /** What there was to learn from these of them is written down. */
  readonly explained: (endpoint: string, places: readonly string[]) => void;
  /** Which endpoints have been proven from this place within the last hours. */
  readonly heardAt: (place: string) => readonly Heard[];
  /** How a family is told to fetch again. */
  readonly checkSyncOf: (family: string) => Notification;
  readonly times: HandOverTimes;
  /** Something is due: the running process looks now instead of at its next turn. */
  readonly wake: () => void;
  /** The clock of what is planned: it never jumps while the process runs. */
  readonly now: () => Instant;
}
