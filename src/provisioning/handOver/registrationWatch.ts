import { asteriskOf, whereOf, type AsteriskName } from '../../domain/addresses.ts';
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
  /** A phone has proven to be this endpoint, from this place (`whereOf`). */
  heard(endpoint: string, place: string): void;
  /** This Asterisk cannot be asked any more. */
  lost(asterisk?: AsteriskName): void;
  /** Compares all that it has. Rejects with `unavailable` while it cannot be asked. */
  compare(asterisk?: AsteriskName): Promise<void>;
}

/** How far we are with one Asterisk. */
interface Progress {
  losses: number;
  /** How many losses there had been when the latest comparison began that has ended. */
  completeSince: number;
  /** Comparisons in which what is listed is believed; and none before that. */
  toCatchUp: number;
  catchUpFrom: Instant;
}

export function watchRegistrations(ports: Omit<NoteNeeds, keyof Hearing>): RegistrationWatch {
  const progress = new Map<AsteriskName, Progress>(
    ports.registrar.asterisks.map((name) => [
      name,
      { losses: 0, completeSince: -1, toCatchUp: CATCH_UPS, catchUpFrom: 0 },
    ]),
  );
  let proofs = 0;
  const places = new Map<string, Map<string, Heard>>();
  /** By endpoint; both the endpoints and their places in the order of the last time. */
  const recent = new Map<string, Map<string, Instant>>();

  const isRecent = (at: Instant): boolean => ports.now() - at < RECENT_MS;
  const of = (asterisk: AsteriskName): Progress => {
    const its = progress.get(asterisk);
    if (its === undefined) throw new Error(`there is no Asterisk ${asterisk}`);
    return its;
  };
  /** What is known of a contact whose Asterisk is not among ours any more is not believed. */
  const all = (asterisk: AsteriskName | undefined, is: (its: Progress) => boolean): boolean =>
    asterisk === undefined
      ? [...progress.values()].every(is)
      : [progress.get(asterisk)].every((its) => its !== undefined && is(its));

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
    knowsAll: (asterisk) => all(asterisk, ({ completeSince, losses }) => completeSince === losses),
    hasCaughtUp: (asterisk) =>
      all(asterisk, ({ completeSince, losses, toCatchUp }) => completeSince === losses && toCatchUp === 0),
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
    lost(asterisk = null) {
      const its = of(asterisk);
      its.losses += 1;
      its.toCatchUp = CATCH_UPS;
      for (const heard of recent.values())
        for (const place of heard.keys()) if (asteriskOf(place) === asterisk) heard.delete(place);
    },
    async compare(asterisk = null) {
      const its = of(asterisk);
      const before = its.losses;
      forgetTheOld();
      const listed = await ports.registrar.allContacts(asterisk);
      // What has come while nobody told us is where it says: there is nothing to hold against it.
      const isCatchingUp = its.toCatchUp > 0;
      const proof = its.completeSince < 0 ? 0 : (proofs += 1);
      if (isCatchingUp) for (const { aor, uri } of listed) write(aor, whereOf(uri), proof, false);
      await noteAllRegistrations({ ...ports, ...watch }, listed, asterisk);
      if (its.losses !== before) return;
      if (its.completeSince !== before) its.catchUpFrom = ports.now();
      its.completeSince = before;
      if (isCatchingUp && (its.toCatchUp > 1 || ports.now() - its.catchUpFrom >= WRITTEN_WITHIN_MS)) its.toCatchUp -= 1;
    },
  };
  return watch;
}
