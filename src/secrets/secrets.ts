import { createHmac, randomBytes, randomInt, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { CODE_LENGTH } from '../domain/code.ts';
import { isTrivialPin, PIN_LENGTH } from '../domain/pin.ts';
import type { Secrets } from '../domain/ports.ts';
import { Secret } from '../domain/secret.ts';
import { randomSecret } from './generate.ts';

const derive = promisify<Buffer, Buffer, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(scrypt);
const SCRYPT = { N: 2 ** 14, r: 8, p: 5, maxmem: 64 * 1024 * 1024 };

/**
 * PINs are keyed with the site key before the slow hash, so a stolen database alone does not give them away, however
 * few digits they have. `work` is how slow the hash is; all hashes of a database have the same.
 */
export function secrets(key: Buffer, work: Readonly<Partial<typeof SCRYPT>> = {}): Secrets {
  const hash = (pin: Secret, salt: Buffer): Promise<Buffer> =>
    derive(createHmac('sha256', key).update(pin.reveal()).digest(), salt, 32, { ...SCRYPT, ...work });

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
    hashCode: (code) => createHmac('sha256', key).update(`code ${code.reveal()}`).digest('base64url'),
    async hashPin(pin, beside = null) {
      const salt = beside === null ? randomBytes(16) : Buffer.from(partsOf(beside).salt, 'base64url');
      return `scrypt$${salt.toString('base64url')}$${(await hash(pin, salt)).toString('base64url')}`;
    },
    async verifyPin(pin, stored, other = null) {
      const actual = await hash(pin, Buffer.from(partsOf(stored ?? NOBODY).salt, 'base64url'));
      const isIt = (hashed: string): boolean => {
        const wanted = Buffer.from(partsOf(hashed).expected, 'base64url');
        return wanted.length === actual.length && timingSafeEqual(wanted, actual);
      };
      const fits = [isIt(stored ?? NOBODY), isIt(other ?? NOBODY)];
      return stored !== undefined && fits.includes(true);
    },
  };
}

function partsOf(hashed: string): { readonly salt: string; readonly expected: string } {
  const [, salt = '', expected = ''] = hashed.split('$');
  return { salt, expected };
}

/** Hash of nothing: it costs the same time to be refused by it. */
const NOBODY = `scrypt$${Buffer.alloc(16).toString('base64url')}$${Buffer.alloc(32).toString('base64url')}`;
