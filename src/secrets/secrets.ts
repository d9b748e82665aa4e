import { createHmac, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { CODE_LENGTH } from '../domain/code.ts';
import { isTrivialPin, PIN_LENGTH } from '../domain/pin.ts';
import type { Secrets } from '../domain/ports.ts';
import { readOnce } from '../domain/readOnce.ts';
import { Secret } from '../domain/secret.ts';
import { randomSecret } from './generate.ts';
import { formatPinHash, isTodays, parsePinHash, OF_PASSWORDS, TODAYS, type Cost, type PinHash } from './pinHash.ts';
import { scryptThreads } from './scryptThreads.ts';

/** Milliseconds until a refusal is told: longer than a hash of any cost takes. */
export const REFUSED_AFTER = 500;

/** What takes time. */
export interface Patience {
  now(): number;
  pause(ms: number): Promise<unknown>;
}
const REAL: Patience = { now: () => performance.now(), pause };

/** Hashes of today's cost do not wait behind those of the one before, which take 350 times as long. */
const todays = scryptThreads(1);
const others = scryptThreads(availableParallelism());

/** PINs of this process that are being hashed, or wait for that. */
export function hashing(): number {
  return todays.tasks() + others.tasks();
}

/**
 * PINs are keyed with the site key before they are hashed, so a stolen database alone does not give them away, however few
 * digits they have and however cheap the hash is.
 */
export function secrets(key: Buffer, patience: Patience = REAL): Secrets {
  const keyed = (text: string): Buffer => createHmac('sha256', key).update(text).digest();
  const derive = (pin: Secret, made: PinHash): Promise<Buffer> =>
    (isTodays(made) ? todays : others)(keyed(pin.reveal()), made.salt, made.cost);

  const hashed = async (text: Secret, cost: Cost): Promise<string> => {
    const made = { cost, salt: randomBytes(16), hash: Buffer.alloc(0) };
    return formatPinHash({ ...made, hash: await derive(text, made) });
  };
  const hashPin: Secrets['hashPin'] = (pin) => hashed(pin, TODAYS);

  return {
    pin() {
      for (;;) {
        const pin = String(randomInt(10 ** PIN_LENGTH)).padStart(PIN_LENGTH, '0');
        if (!isTrivialPin(pin)) return new Secret(pin);
      }
    },
    sipSecret: () => randomSecret(20),
    token: () => randomSecret(24),
    code: () => new Secret(Array.from({ length: CODE_LENGTH }, () => randomInt(10)).join('')),
    hashCode: (code) => keyed(`code ${code.reveal()}`).toString('base64url'),
    hashPin,
    hashPassword: (password) => hashed(password, OF_PASSWORDS),
    async matchPin(pin, hashes) {
      const began = patience.now();
      // Those of one cost and salt, as PIN and password of a user had once, are one look.
      const look = readOnce((made) => derive(pin, parsePinHash(made)));
      for (const stored of quickFirst(hashes.length === 0 ? [NOBODYS] : hashes)) {
        const { hash } = parsePinHash(stored);
        const actual = await look(stored.slice(0, stored.lastIndexOf('$') + 1));
        if (hash.length === actual.length && timingSafeEqual(hash, actual)) return stored;
      }
      await patience.pause(Math.max(0, REFUSED_AFTER - (patience.now() - began)));
      return undefined;
    },
    renewedPin: async (pin, hash) => (isTodays(parsePinHash(hash)) ? undefined : hashPin(pin)),
  };
}

/** It waits its turn like any other. */
const NOBODYS = 'nobody’s';

function quickFirst(hashes: readonly string[]): readonly string[] {
  const isSlow = (stored: string): number => (isTodays(parsePinHash(stored)) ? 0 : 1);
  return hashes.toSorted((one, other) => isSlow(one) - isSlow(other));
}
