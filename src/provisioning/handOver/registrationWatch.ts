import { whereOf } from '../../domain/addresses.ts';
import type { Instant } from '../../domain/time.ts';
import type { Heard, Hearing } from '../ports.ts';
import { noteAllRegistrations, type NoteNeeds } from './noteRegistrations.ts';

/** What is heard of a phone that moves comes before Asterisk has written it down, and is told apart by nothing else. */
const RECENT_MS = 15 * 60_000;
const MOST_PLACES = 50;
/** Longer than any registration lasts: the view `ps_aors` allows two hours. */
const REMEMBERED_MS = 3 * 60 * 60_000;

/** From the proof of a REGISTER until Asterisk has surely written it down. */
export const WRITTEN_WITHIN_MS = 1000;
const CATCH_UPS = 2;

/** What we hear of registrations: what happens while Asterisk cannot be asked is not told. */
export interface RegistrationWatch extends Hearing {
  /** A phone has proven to be this endpoint, from this place (`placeOf`). */
  heard(endpoint: string, place: string): void;
  /** Asterisk cannot be asked any more. */
  lost(): void;
  /** Compares all. Rejects with `unavailable` while Asterisk cannot be asked. */
  compare(): Promise<void>;
}

export function watchRegistrations(ports: Omit<NoteNeeds, keyof Hearing>): RegistrationWatch {
  let losses = 0;
  /** How many losses there had been when the latest comparison began that has ended. */
  let completeSince = -1;
  /** Comparisons in which what is listed is believed; and none before that. */
  let toCatchUp = CATCH_UPS;
  let catchUpFrom = 0;
  let proofs = 0;
  const places = new Map<string, Map<string, Heard>>();
  /** By endpoint; both the endpoints and their places in the order of the last time. */
  const recent = new Map<string, Map<string, Instant>>();

  const isRecent = (at: Instant): boolean => ports.now() - at < RECENT_MS;

  function write(endpoint: string, place: string, proof: number, proven: boolean): void {
    const there = places.get(place) ?? new Map<string, Heard>();
    const before = there.get(endpoint);
    if (before !== undefined && !proven) return;
    const isProven = proven || before?.isProven === true;
    const [at, firstAt] = [ports.now(), before?.firstAt ?? ports.now()];
    const heard = { endpoint, first: before?.first ?? proof, last: proof, at, firstAt, isProven };
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

  const watch: RegistrationWatch = {
    knowsAll: () => completeSince === losses,
    hasCaughtUp: () => completeSince === losses && toCatchUp === 0,
    heard(endpoint, place) {
      write(endpoint, place, (proofs += 1), true);
      forgetTheLessRecent();
      const before = recent.get(endpoint) ?? new Map<string, Instant>();
      before.delete(place);
      recent.delete(endpoint);
      recent.set(endpoint, before.set(place, ports.now()));
      if (before.size > MOST_PLACES) before.delete([...before.keys()][0] ?? '');
    },
    placesOf: (endpoint) => [...(recent.get(endpoint) ?? [])].flatMap(([place, at]) => (isRecent(at) ? place : [])),
    explained(endpoint, all) {
      for (const place of all) recent.get(endpoint)?.delete(place);
    },
    heardAt: (place) => [...(places.get(place)?.values() ?? [])],
    lost() {
      losses += 1;
      toCatchUp = CATCH_UPS;
      recent.clear();
    },
    async compare() {
      const before = losses;
      forgetTheOld();
      const listed = await ports.registrar.allContacts();
      // What has come while nobody told us is where it says: there is nothing to hold against it.
      const isCatchingUp = toCatchUp > 0;
      const proof = completeSince < 0 ? 0 : (proofs += 1);
      if (isCatchingUp) for (const { aor, uri } of listed) write(aor, whereOf(uri), proof, false);
      await noteAllRegistrations({ ...ports, ...watch }, listed);
      if (losses !== before) return;
      if (completeSince !== before) catchUpFrom = ports.now();
      completeSince = before;
      if (isCatchingUp && (toCatchUp > 1 || ports.now() - catchUpFrom >= WRITTEN_WITHIN_MS)) toCatchUp -= 1;
    },
  };
  return watch;
}
