import { randomInt } from 'node:crypto';
import { Secret } from '../domain/secret.ts';

/** Letters and digits only, none that people confuse: safe in every file format and SIP stack, and easy to read out. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789';

/** So many letters and digits that nobody can guess, and every file format and configuration takes. */
export function randomSecret(length: number): Secret {
  return new Secret(Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join(''));
}
