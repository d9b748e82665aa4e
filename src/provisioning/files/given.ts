import { hash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { holdingsOf, usersHolding, type Line } from '../../domain/device.ts';
import type { Mac } from '../../domain/mac.ts';
import type { Devices } from '../../domain/ports.ts';
import type { Secret } from '../../domain/secret.ts';
import type { Instant } from '../../domain/time.ts';

/** A device has been given a file that it was not given last. */
export interface Given {
  readonly mac: Mac;
  /** As in `family.yaml`. */
  readonly name: string;
  readonly family: string;
  readonly digest: string;
  readonly at: Instant;
  /** The same file with a mask in the place of each secret; made when it is written down. */
  readonly masked: () => string;
  /** Whether there is something to note; asked when it is written down, where nobody knows it before. */
  readonly isNews?: (store: Pick<Devices, 'lines' | 'givenFiles'>) => Promise<boolean>;
}

/** `tag` is the file's. A password that people choose could be guessed from a hash of the file; with the token in it nobody can. */
export function givenDigest(tag: string, token: Secret): string {
  return hash('sha256', `${tag} ${token.reveal()}`, 'base64url').slice(0, 22);
}

/**
 * Whether a file with these lines is what the device itself has been given: not a default line that somebody else was offered in
 * the name of a user's phone, and not one of several of which nobody knows which the phone has.
 */
export function isItsOwn(given: readonly Line[], all: readonly Line[]): boolean {
  const its = usersHolding(all);
  if (its !== undefined) return given.some(({ userId }) => userId !== null);
  return given.length === all.length || holdingsOf(all).length === 1;
}

/** A file has some thousand bytes: in another thread it would take four times as long, and so would all the memory that zlib takes by itself. */
const LITTLE = { level: 1, memLevel: 5, windowBits: 12 };

export function packText(text: string): string {
  return deflateRawSync(text, LITTLE).toString('base64');
}

export function unpackText(packed: string): string {
  return inflateRawSync(Buffer.from(packed, 'base64')).toString();
}
