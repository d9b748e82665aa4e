import { createHash, timingSafeEqual } from 'node:crypto';
import type { Secret } from './secret.ts';
import type { Device, HandOver, Instant, Line } from './types.ts';

/** What a request brings that may show that it comes from the device it names. */
export interface Claim {
  readonly token: Secret | null;
  /** Source address, without port. */
  readonly address: string;
}

/** What was proven, and how. `previous_token` is the one from before the hand-over. */
export type Proof = 'token' | 'previous_token' | 'hand_over_window';

/** The proof in a request, if any. Secrets of a user leave only with one. */
export function proofOf(claim: Claim, device: Device, handOver: HandOver | undefined, now: Instant): Proof | undefined {
  if (sameSecret(claim.token, device.token)) return 'token';
  if (sameSecret(claim.token, device.previousToken)) return 'previous_token';
  return inWindow(claim, handOver, now) ? 'hand_over_window' : undefined;
}

/** For minutes after a successful call, the address that the calling phone was registered from is enough. */
function inWindow(claim: Claim, handOver: HandOver | undefined, now: Instant): boolean {
  if (handOver?.kind !== 'assign' || handOver.registeredAt !== null) return false;
  return now < handOver.windowEndsAt && claim.address === handOver.address;
}

/**
 * Whether a request without proof may have the file of an unassigned device. It brings that device's token, with which
 * its user's file is fetched one day: so while the phone is registered, nobody at another address gets it, and a
 * request from another address while it is not makes the earlier token worthless (`fresh`).
 */
export function mayBootstrap(claim: Claim, device: Device, lines: readonly Line[]): 'same' | 'fresh' | 'no' {
  if (device.state !== 'unassigned') return 'no';
  if (device.address === claim.address) return 'same';
  return lines.every(({ contact }) => contact === null) ? 'fresh' : 'no';
}

function sameSecret(given: Secret | null, expected: Secret | null): boolean {
  if (given === null || expected === null) return false;
  const digest = (secret: Secret): Buffer => createHash('sha256').update(secret.reveal()).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
