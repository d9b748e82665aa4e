import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  randomBytes,
  randomInt,
  scrypt,
  timingSafeEqual,
} from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { SelfprovError } from '../domain/errors.ts';
import { isTrivialPin, PIN_LENGTH } from '../domain/pin.ts';
import type { Secrets } from '../domain/ports.ts';
import { Secret } from '../domain/secret.ts';

/** Letters and digits only, none that people confuse: safe in every file format and SIP stack, and easy to read out. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789';
const KEY_BYTES = 32;

const derive = promisify<Buffer, Buffer, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(scrypt);
const SCRYPT = { N: 2 ** 14, r: 8, p: 5, maxmem: 64 * 1024 * 1024 };

/** Encrypts what phones need back in clear (AES-256-GCM), with the site key. */
export interface Sealer {
  seal(secret: Secret): string;
  open(sealed: string): Secret;
}

/**
 * Reads the site key (32 bytes, hex) or makes one on the first start. The file is readable by its owner only; without
 * it the phones' secrets in the database cannot be read. Throws `invalid` when others could read it or it is no key.
 */
export function siteKey(file: string): Buffer {
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, randomBytes(KEY_BYTES).toString('hex') + '\n', { mode: 0o600, flag: 'wx' });
    chmodSync(file, 0o600);
  }
  if ((statSync(file).mode & 0o077) !== 0) {
    throw new SelfprovError('invalid', `the site key ${file} can be read by others: chmod 600 ${file}`);
  }
  const key = Buffer.from(readFileSync(file, 'utf8').trim(), 'hex');
  if (key.length !== KEY_BYTES) throw new SelfprovError('invalid', `${file} is not a site key: 64 hexadecimal digits`);
  return key;
}

export function sealer(key: Buffer): Sealer {
  return {
    seal(secret) {
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, iv);
      const text = Buffer.concat([cipher.update(secret.reveal(), 'utf8'), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64url');
    },
    open(sealed) {
      const bytes = Buffer.from(sealed, 'base64url');
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12));
        decipher.setAuthTag(bytes.subarray(12, 28));
        return new Secret(Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8'));
      } catch (cause) {
        throw new SelfprovError(
          'unavailable',
          'a stored secret cannot be read: this is not the site key it was sealed with',
          {
            cause,
          },
        );
      }
    },
  };
}

/**
 * PINs are keyed with the site key before the slow hash, so a stolen database alone does not give them away, however
 * few digits they have.
 */
export function secrets(key: Buffer): Secrets {
  const hash = (pin: Secret, salt: Buffer): Promise<Buffer> =>
    derive(createHmac('sha256', key).update(pin.reveal()).digest(), salt, 32, SCRYPT);

  return {
    pin() {
      for (;;) {
        const pin = String(randomInt(10 ** PIN_LENGTH)).padStart(PIN_LENGTH, '0');
        if (!isTrivialPin(pin)) return new Secret(pin);
      }
    },
    sipSecret: () => randomSecret(20),
    token: () => randomSecret(24),
    async hashPin(pin) {
      const salt = randomBytes(16);
      return `scrypt$${salt.toString('base64url')}$${(await hash(pin, salt)).toString('base64url')}`;
    },
    async verifyPin(pin, stored) {
      const [, salt = '', expected = ''] = (stored ?? NOBODY).split('$');
      const actual = await hash(pin, Buffer.from(salt, 'base64url'));
      const wanted = Buffer.from(expected, 'base64url');
      return wanted.length === actual.length && timingSafeEqual(wanted, actual) && stored !== undefined;
    },
  };
}

/** Hash of nothing: it costs the same time to be refused by it. */
const NOBODY = `scrypt$${Buffer.alloc(16).toString('base64url')}$${Buffer.alloc(32).toString('base64url')}`;

/** So many letters and digits that nobody can guess, and every file format and configuration takes. */
export function randomSecret(length: number): Secret {
  return new Secret(Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join(''));
}
