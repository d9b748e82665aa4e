import type { Instant } from '../../domain/time.ts';
import type { Ports } from '../ports.ts';
import { noteAllRegistrations, type NoteNeeds } from './noteRegistrations.ts';

/** Asterisk counts in seconds: what came within one is told apart by what we have heard meanwhile. */
const REMEMBERED_MS = 10_000;

/** What we hear of registrations: what happens while Asterisk cannot be asked is not told. */
export interface RegistrationWatch {
  /** Whether we have heard of every registration: false from the start, and after every loss, until all are compared. */
  isComplete(): boolean;
  /** A phone has proven to be this endpoint, from this place (`whereOf`). */
  heard(endpoint: string, place: string): void;
  /** Places heard of within the last seconds, in this order. */
  placesOf(endpoint: string): readonly string[];
  /** Asterisk cannot be asked any more. */
  lost(): void;
  /** Compares all. Rejects with `unavailable` while Asterisk cannot be asked. */
  compare(): Promise<void>;
}

export function watchRegistrations(ports: NoteNeeds & Pick<Ports, 'now'>): RegistrationWatch {
  let losses = 0;
  /** How many losses there had been when the latest comparison began that has ended. */
  let completeSince = -1;
  /** When each place was last heard of; both the endpoints and their places in the order of that. */
  const places = new Map<string, ReadonlyMap<string, Instant>>();

  const isRecent = ([, at]: readonly [string, Instant]): boolean => ports.now() - at < REMEMBERED_MS;

  function forgetTheOld(): void {
    for (const [endpoint, heard] of places) {
      if ([...heard].some(isRecent)) return;
      places.delete(endpoint);
    }
  }

  return {
    isComplete: () => completeSince === losses,
    heard(endpoint, place) {
      forgetTheOld();
      const before = [...(places.get(endpoint) ?? [])].filter((other) => other[0] !== place && isRecent(other));
      places.delete(endpoint);
      places.set(endpoint, new Map([...before, [place, ports.now()]]));
    },
    placesOf: (endpoint) => [...(places.get(endpoint) ?? [])].filter(isRecent).map(([place]) => place),
    lost() {
      losses += 1;
      places.clear();
    },
    async compare() {
      const before = losses;
      await noteAllRegistrations(ports);
      completeSince = Math.max(completeSince, before);
    },
  };
}
