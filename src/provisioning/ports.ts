import type { Notification, Registrar, Secrets, Store } from '../domain/ports.ts';
import type { HandOverTimes } from '../domain/handOver.ts';

/** What the use cases need from outside; each takes only its part of it. */
export interface Ports {
  readonly store: Store;
  readonly secrets: Secrets;
  readonly registrar: Registrar;
  /** How a family is told to fetch again. */
  readonly checkSync: (family: string) => Notification;
  readonly times: HandOverTimes;
  /** Something is due: the running process looks now instead of at its next turn. */
  readonly wake: () => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}
