import { timingSafeEqual } from 'node:crypto';
import { isPrivateAddress } from './addresses.ts';
import { holdingsOf, isDefaultLine, type Device, type Holding, type Line } from './device.ts';
import type { HandOver } from './handOver.ts';
import type { Secret } from './secret.ts';
import type { Instant } from './time.ts';

/** What a request brings that may show that it comes from the device it names. */
export interface Claim {
  readonly token: Secret | null;
  /** Source address, without port. */
  readonly address: string;
}

/**
 * How a request has shown that it comes from the device. `previous_token` is the one from before the hand-over; `inventory`
 * what an administrator takes for proof of a device that has never been served.
 */
export type Proof = 'token' | 'previous_token' | 'hand_over_window' | 'inventory';

/** All that a decision rests on, read once. */
export interface AdmissionFacts {
  readonly claim: Claim;
  readonly now: Instant;
  /** Which addresses stand for one phone alone. Behind a public one there may be a whole neighbourhood. */
  readonly trustedAddresses: 'private' | 'any';
  /** Whether this request shows what the inventory asks of a device that has never been served. */
  readonly isExpected: boolean;
  /** What an assigned device gets that shows no proof. */
  readonly factoryReset: 'refuse' | 'default_line';
  /** Whether phones that were never seen become devices. */
  readonly mayEnrol: boolean;
  /** `undefined` when it was never seen. */
  readonly device: Device | undefined;
  readonly lines: readonly Line[];
  readonly handOvers: readonly HandOver[];
  /** Its user has borrowed another phone, and comes back to what this one is released to. */
  readonly isHome: boolean;
}

export type Admission =
  /** A phone that was never seen: it becomes a device with a default line on each port. */
  | { readonly kind: 'enrol' }
  /**
   * Default lines of its own, beside those that others have, or instead of some that nobody has used; `contested` when one
   * of them is in use.
   */
  | { readonly kind: 'offer'; readonly contested: boolean; readonly insteadOf: readonly Line[] }
  /** The default lines that it has been given before. */
  | { readonly kind: 'bootstrap'; readonly lines: readonly Line[]; readonly proof: Proof | null }
  | { readonly kind: 'user_file'; readonly lines: readonly Line[]; readonly proof: Proof }
  /**
   * `no_proof` for a user's file, `crowded` when too many have asked for the file of one unassigned phone, `closed` for a new
   * one while none are taken.
   */
  | { readonly kind: 'refuse'; readonly why: 'no_proof' | 'crowded' | 'closed' };

/** How many may have been given default lines of one device at a time. */
export const MOST_OFFERS = 8;
/** From a phone's request until its REGISTER. */
const ASKING_MS = 60_000;
/** Longer than a phone is away that still wants its line. */
const LONG_LEFT_MS = 24 * 60 * 60_000;
/** A phone asks several times while it starts; before it registers it gets the same line each time. */
export const STARTING_MS = 10 * 60_000;

/**
 * What a request for a device's own file gets: the only place that decides it. Pure; it is decided once to answer fast,
 * and once more inside the transaction that writes what follows from it.
 *
 * A user's file needs proof. The file of a device without a user needs none, a new phone has nothing to show: but it
 * brings the token with which the user's file is fetched one day. So nobody is given the line of somebody else, and
 * nobody's line ends because somebody else asks.
 */
export function decide(facts: AdmissionFacts): Admission {
  if (facts.device === undefined) return facts.mayEnrol ? { kind: 'enrol' } : { kind: 'refuse', why: 'closed' };
  const holdings = holdingsOf(facts.lines);
  const users = holdings.find(({ lines }) => !lines.every(isDefaultLine));
  if (users !== undefined) {
    const proof = proofOfUser(facts, users);
    if (proof !== undefined) return { kind: 'user_file', proof, lines: users.lines };
    if (facts.factoryReset === 'refuse') return { kind: 'refuse', why: 'no_proof' };
    // It was reset, or is somebody else: it gets what a new phone gets, and its user confirms by a call from that.
    const offers = holdings.filter((each) => each !== users);
    return ownDefaultLines(facts, offers) ?? otherDefaultLines(facts, offers);
  }
  return ownDefaultLines(facts, holdings) ?? otherDefaultLines(facts, holdings);
}

function proofOfUser(facts: AdmissionFacts, users: Holding): Proof | undefined {
  const { claim, handOvers, trustedAddresses, isExpected, now } = facts;
  if (sameSecret(claim.token, users.token)) return 'token';
  const underWay = handOvers.filter(({ state }) => state !== 'done');
  const hasPrevious = ({ kind, previousToken, address }: HandOver): boolean =>
    sameSecret(claim.token, previousToken) && (kind === 'assign' || claim.address === address);
  if (underWay.some(hasPrevious)) return 'previous_token';
  // For minutes after a successful call, the address that the calling phone was registered from is enough, once.
  const inWindow = ({ kind, fetchedAt, windowEndsAt, address }: HandOver): boolean =>
    kind === 'assign' && fetchedAt === null && now < windowEndsAt && claim.address === address;
  if (underWay.some(inWindow) && standsForOne(claim.address, trustedAddresses)) return 'hand_over_window';
  return isExpected && users.lines.every(({ servedAt: served }) => served === null) ? 'inventory' : undefined;
}

/** The default lines that this very phone has been given, as far as the request shows it. */
function ownDefaultLines(facts: AdmissionFacts, offers: readonly Holding[]): Admission | undefined {
  const { claim, handOvers, now, trustedAddresses, isHome } = facts;
  const byToken = offers.find(({ token }) => sameSecret(claim.token, token));
  if (byToken !== undefined) return { kind: 'bootstrap', lines: byToken.lines, proof: 'token' };

  for (const handOver of handOvers) {
    if (handOver.kind !== 'release' || handOver.state === 'done') continue;
    const released = offers.find(({ lines }) => lines.some(({ id }) => id === handOver.lineId));
    if (released === undefined) continue;
    const { lines } = released;
    const isThere = claim.address === handOver.address || (isHome && handOver.address === null);
    const proves = sameSecret(claim.token, handOver.previousToken) && isThere;
    if (proves) return { kind: 'bootstrap', lines, proof: 'previous_token' };
    // A phone that was reset has no token. What nobody has been given yet is nobody else's; but a neighbour's, who is in a
    // hurry, ends the hand-over while the phone still waits to be told. Where a user comes back to it, it is worth too much.
    const isHere = handOver.address === claim.address && standsForOne(claim.address, trustedAddresses);
    if (servedAt(released) === null && (isHere || (handOver.address === null && !isHome)))
      return { kind: 'bootstrap', lines, proof: null };
  }

  // Behind a public address a whole neighbourhood asks: lines that a phone has registered with once are that phone's.
  const mayBeAgain = (offer: Holding): boolean => {
    const served = servedAt(offer);
    const isFresh = served !== null && now - served < STARTING_MS && !isInUse(offer) && !hasBeenUsed(offer);
    return standsForOne(claim.address, trustedAddresses) || isFresh;
  };
  const [offer] = offers
    .filter((each) => addressOf(each) === claim.address && mayBeAgain(each))
    .toSorted((one, other) => (servedAt(other) ?? 0) - (servedAt(one) ?? 0));
  return offer && { kind: 'bootstrap', lines: offer.lines, proof: null };
}

function otherDefaultLines({ claim, now }: AdmissionFacts, offers: readonly Holding[]): Admission {
  const isCrowded = offers.length >= MOST_OFFERS;
  const unused = isCrowded ? leastUsed(offers, claim, now) : undefined;
  if (isCrowded && unused === undefined) return { kind: 'refuse', why: 'crowded' };
  const matters = (offer: Holding): boolean => {
    const served = servedAt(offer);
    return isInUse(offer) || (served !== null && now - served < STARTING_MS);
  };
  const contested = offers.some((offer) => addressOf(offer) !== claim.address && matters(offer));
  return { kind: 'offer', contested, insteadOf: unused?.lines ?? [] };
}

/**
 * What nobody has registered with, though it was not made just now; else what a phone from here has left; else what some
 * phone has left long ago. Never what an administrator has given out and nobody has fetched yet.
 */
function leastUsed(offers: readonly Holding[], claim: Claim, now: Instant): Holding | undefined {
  const age = ({ lines }: Holding, since: (line: Line) => Instant): number => now - Math.max(...lines.map(since));
  const madeAt = ({ createdAt }: Line): Instant => createdAt;
  const isIdle = (offer: Holding): boolean => {
    const served = servedAt(offer);
    return !isInUse(offer) && served !== null && now - served >= ASKING_MS;
  };
  const idle = offers.filter(isIdle).toSorted((one, other) => age(other, madeAt) - age(one, madeAt));
  const unused = idle.find((offer) => !hasBeenUsed(offer) && age(offer, madeAt) >= STARTING_MS);
  const left = (offer: Holding, ago: number): boolean =>
    age(offer, ({ leftAt, createdAt }) => leftAt ?? createdAt) >= ago;
  return (
    unused ??
    idle.find((offer) => addressOf(offer) === claim.address && left(offer, ASKING_MS)) ??
    idle.find((offer) => left(offer, LONG_LEFT_MS))
  );
}

/** The lines of one holding are served together. */
function servedAt({ lines: [line] }: Holding): Instant | null {
  return line?.servedAt ?? null;
}

function addressOf({ lines: [line] }: Holding): string | null {
  return line?.address ?? null;
}

function isInUse({ lines }: Holding): boolean {
  return lines.some(({ contact }) => contact !== null);
}

function hasBeenUsed({ lines }: Holding): boolean {
  return lines.some(({ seenAs }) => seenAs !== null);
}

function standsForOne(address: string, trusted: AdmissionFacts['trustedAddresses']): boolean {
  return trusted === 'any' || isPrivateAddress(address);
}

/** That tokens are of the same length is known to everybody. */
function sameSecret(given: Secret | null, expected: Secret | null): boolean {
  if (given === null || expected === null) return false;
  const [one, other] = [Buffer.from(given.reveal()), Buffer.from(expected.reveal())];
  return one.length === other.length && timingSafeEqual(one, other);
}
