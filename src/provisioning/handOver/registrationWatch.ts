import { whereOf } from '../../domain/addresses.ts';
import type { Instant } from '../../domain/time.ts';
import type { Heard, Ports } from '../ports.ts';
import { noteAllRegistrations, type NoteNeeds } from './noteRegistrations.ts';

/** Asterisk counts in seconds: what came within one is told apart by what we have heard meanwhile. */
const RECENT_MS = 10_000;
/** Longer than any registration lasts: the view `ps_aors` allows two hours. */
const REMEMBERED_MS = 3 * 60 * 60_000;

/** What we hear of registrations: what happens while Asterisk cannot be asked is not told. */
export interface RegistrationWatch extends Pick<Ports, 'placesOf' | 'heardAt'> {
  /** Whether we have heard of every registration: false from the start, and after every loss, until all are compared. */
  isComplete(): boolean;
  /** A phone has proven to be this endpoint, from this place (`placeOf`). */
  heard(endpoint: string, place: string): void;
  /** Asterisk cannot be asked any more. */
  lost(): void;
  /** Compares all. Rejects with `unavailable` while Asterisk cannot be asked. */
  compare(): Promise<void>;
}

export function watchRegistrations(ports: NoteNeeds): RegistrationWatch {
  let losses = 0;
  /** How many losses there had been when the latest comparison began that has ended. */
  let completeSince = -1;
  let proofs = 0;
  const places = new Map<string, Map<string, Heard & { readonly at: Instant }>>();
  /** By endpoint; both the endpoints and their places in the order of the last time. */
  const recent = new Map<string, Map<string, Instant>>();

  const isRecent = (at: Instant): boolean => ports.now() - at < RECENT_MS;

  function write(endpoint: string, place: string, proof: number): void {
    const there = places.get(place) ?? new Map<string, Heard & { readonly at: Instant }>();
    const { first, last } = there.get(endpoint) ?? { first: proof, last: proof };
    const heard = { endpoint, first: Math.min(first, proof), last: Math.max(last, proof), at: ports.now() };
    places.set(place, there.set(endpoint, heard));
  }

  function forgetTheOld(): void {
    for (const [place, there] of places) {
      for (const { endpoint, at } of there.values()) {
        if (ports.now() - at > REMEMBERED_MS) there.delete(endpoint);
      }
      if (there.size === 0) places.delete(place);
    }
  }

  function forgetTheLessRecent(): void {
    for (const [endpoint, heard] of recent) {
      if ([...heard.values()].some(isRecent)) return;
      recent.delete(endpoint);
    }
  }

  return {
    isComplete: () => completeSince === losses,
    heard(endpoint, place) {
      write(endpoint, place, (proofs += 1));
      forgetTheLessRecent();
      const before = recent.get(endpoint) ?? new Map<string, Instant>();
      before.delete(place);
      recent.delete(endpoint);
      recent.set(endpoint, before.set(place, ports.now()));
    },
    placesOf: (endpoint) => [...(recent.get(endpoint) ?? [])].flatMap(([place, at]) => (isRecent(at) ? place : [])),
    heardAt: (place) => [...(places.get(place)?.values() ?? [])],
    lost() {
      losses += 1;
      recent.clear();
    },
    async compare() {
      const before = losses;
      forgetTheOld();
      const listed = await noteAllRegistrations(ports);
      if (losses !== before || completeSince === losses) return;
      // What has come while nobody told us is where it says: there is nothing to hold against it.
      for (const { aor, uri } of listed) write(aor, whereOf(uri), 0);
      completeSince = before;
    },
  };
}
