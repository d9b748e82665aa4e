import type { Mac } from './mac.ts';
import type { Instant } from './time.ts';

/** Digits of a one-time code: more than anybody guesses, and it is keyed once. */
export const CODE_LENGTH = 12;

/** What a user keys once instead of extension and PIN. */
export interface Code {
  readonly id: string;
  readonly tenantId: string;
  readonly userId: string;
  /** Keyed with the site key; the code itself is not kept. */
  readonly hash: string;
  /** Only for a phone of this family, or for this one. */
  readonly family: string | null;
  readonly mac: Mac | null;
  readonly createdAt: Instant;
  readonly expiresAt: Instant;
  readonly usedAt: Instant | null;
}

/** Whether it may still be used, by such a device. */
export function isGood(code: Code, device: { readonly mac: Mac; readonly family: string }, now: Instant): boolean {
  const { usedAt, expiresAt, family, mac } = code;
  const isFor = (family === null || family === device.family) && (mac === null || mac === device.mac);
  return usedAt === null && now < expiresAt && isFor;
}
