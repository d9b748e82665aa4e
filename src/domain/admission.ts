import { createHash, timingSafeEqual } from 'node:crypto';
import { isPrivateAddress } from './addresses.ts';
import { isDefaultLine, type Device, type Line } from './device.ts';
import type { HandOver } from './handOver.ts';
import type { Secret } from './secret.ts';
import type { Instant } from './time.ts';

/** What a request brings that may show that it comes from the device it names. */
export interface Claim {
  readonly token: Secret | null;
  /** Source address, without port. */
  readonly address: string;
}

/** How a request has shown that it comes from the device. `previous_token` is the one from before the hand-over. */
export type Proof = 'token' | 'previous_token' | 'hand_over_window';

/** All that a decision rests on, read once. */
export interface AdmissionFacts {
  readonly claim: Claim;
  readonly now: Instant;
  /** Which addresses stand for one phone alone. Behind a public one there may be a whole neighbourhood. */
  readonly trustedAddresses: 'private' | 'any';
  /** `undefined` when it was never seen. */
  readonly device: Device | undefined;
  readonly lines: readonly Line[];
  readonly handOver: HandOver | undefined;
}

export type Admission =
  /** A phone that was never seen: it becomes a device with a default line. */
  | { readonly kind: 'enrol' }
  /**
   * One more default line, beside those that others have, or instead of one that nobody has used; `contested` when one of
   * them is in use.
   */
  | { readonly kind: 'offer'; readonly contested: boolean; readonly insteadOf: Line | null }
  /** The default line that it has been given before. */
  | { readonly kind: 'bootstrap'; readonly line: Line; readonly proof: Proof | null }
  | { readonly kind: 'user_file'; readonly proof: Proof }
  /** `no_proof` for a user's file, `crowded` when too many have asked for the file of one unassigned phone. */
  | { readonly kind: 'refuse'; readonly why: 'no_proof' | 'crowded' };

/** Default lines of one device at a time. */
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
  const { device, lines } = facts;
  if (device === undefined) return { kind: 'enrol' };
  const defaults = lines.filter(isDefaultLine);
  if (defaults.length < lines.length) {
    const proof = proofOfUser(facts);
    return proof === undefined ? { kind: 'refuse', why: 'no_proof' } : { kind: 'user_file', proof };
  }
  return ownDefaultLine(facts, defaults) ?? anotherDefaultLine(facts, defaults);
}

function proofOfUser({ claim, lines, handOver, trustedAddresses, now }: AdmissionFacts): Proof | undefined {
  if (lines.some(({ token }) => sameSecret(claim.token, token))) return 'token';
  if (handOver === undefined || handOver.kind !== 'assign' || handOver.state === 'done') return undefined;
  if (sameSecret(claim.token, handOver.previousToken)) return 'previous_token';
  // For minutes after a successful call, the address that the calling phone was registered from is enough, once.
  const inWindow = handOver.fetchedAt === null && now < handOver.windowEndsAt && claim.address === handOver.address;
  return inWindow && standsForOne(claim.address, trustedAddresses) ? 'hand_over_window' : undefined;
}

/** The line that this very phone has been given, as far as the request shows it. */
function ownDefaultLine(facts: AdmissionFacts, defaults: readonly Line[]): Admission | undefined {
  const { claim, handOver, now, trustedAddresses } = facts;
  const byToken = defaults.find(({ token }) => sameSecret(claim.token, token));
  if (byToken !== undefined) return { kind: 'bootstrap', line: byToken, proof: 'token' };

  if (handOver?.kind === 'release' && handOver.state !== 'done') {
    const line = defaults.find(({ id }) => id === handOver.lineId);
    const proves = sameSecret(claim.token, handOver.previousToken) && claim.address === handOver.address;
    if (line !== undefined && proves) return { kind: 'bootstrap', line, proof: 'previous_token' };
    // A phone that was reset has no token. What nobody has been given yet is nobody else's; but a neighbour's, who is in a
    // hurry, ends the hand-over while the phone still waits to be told.
    const isHere = handOver.address === claim.address && standsForOne(claim.address, trustedAddresses);
    if (line?.servedAt === null && (isHere || handOver.address === null))
      return { kind: 'bootstrap', line, proof: null };
  }

  // Behind a public address a whole neighbourhood asks: a line that a phone has registered with once is that phone's.
  const mayBeAgain = (line: Line): boolean =>
    standsForOne(claim.address, trustedAddresses) ||
    (line.seenAs === null && line.contact === null && line.servedAt !== null && now - line.servedAt < STARTING_MS);
  const [line] = defaults
    .filter((each) => each.address === claim.address && mayBeAgain(each))
    .toSorted((one, other) => (other.servedAt ?? 0) - (one.servedAt ?? 0));
  return line && { kind: 'bootstrap', line, proof: null };
}

function anotherDefaultLine({ claim, now }: AdmissionFacts, defaults: readonly Line[]): Admission {
  const isCrowded = defaults.length >= MOST_OFFERS;
  const unused = isCrowded ? leastUsed(defaults, claim, now) : undefined;
  if (isCrowded && unused === undefined) return { kind: 'refuse', why: 'crowded' };
  const inUse = (line: Line): boolean =>
    line.contact !== null || (line.servedAt !== null && now - line.servedAt < STARTING_MS);
  const contested = defaults.some((line) => line.address !== claim.address && inUse(line));
  return { kind: 'offer', contested, insteadOf: unused ?? null };
}

/**
 * What nobody has registered with, though it was not made just now; else what a phone from here has left; else what some
 * phone has left long ago. Never what an administrator has given out and nobody has fetched yet.
 */
function leastUsed(defaults: readonly Line[], claim: Claim, now: Instant): Line | undefined {
  const isIdle = ({ contact, servedAt }: Line): boolean =>
    contact === null && servedAt !== null && now - servedAt >= ASKING_MS;
  const idle = defaults.filter(isIdle).toSorted((one, other) => one.createdAt - other.createdAt);
  const unused = idle.find((line) => line.seenAs === null && now - line.createdAt >= STARTING_MS);
  const left = (line: Line, ago: number): boolean => now - (line.leftAt ?? line.createdAt) >= ago;
  return (
    unused ??
    idle.find((line) => line.address === claim.address && left(line, ASKING_MS)) ??
    idle.find((line) => left(line, LONG_LEFT_MS))
  );
}

function standsForOne(address: string, trusted: AdmissionFacts['trustedAddresses']): boolean {
  return trusted === 'any' || isPrivateAddress(address);
}

function sameSecret(given: Secret | null, expected: Secret | null): boolean {
  if (given === null || expected === null) return false;
  const digest = (secret: Secret): Buffer => createHash('sha256').update(secret.reveal()).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
