/** How slow a hash is: scrypt's parameters (RFC 7914). */
export interface Cost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** A hash as it is stored, taken apart. */
export interface PinHash {
  readonly cost: Cost;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

export const HASH_BYTES = 32;

/** Of hashes that are made now. Why no more: docs/decisions/0005-what-a-pin-costs.md. */
export const TODAYS: Cost = { N: 2 ** 8, r: 8, p: 1 };

/** Of passwords: 32 MB and a tenth of a second for each guess (OWASP, Password Storage Cheat Sheet). */
export const OF_PASSWORDS: Cost = { N: 2 ** 15, r: 8, p: 3 };

/** Of hashes that do not say it: all that were made before they did. */
const UNSAID: Cost = { N: 2 ** 14, r: 8, p: 5 };

export function isTodays({ cost: { N, r, p } }: PinHash): boolean {
  return N === TODAYS.N && r === TODAYS.r && p === TODAYS.p;
}

/** In the PHC string format: `$scrypt$ln=8,r=8,p=1$<salt>$<hash>`. */
export function formatPinHash({ cost: { N, r, p }, salt, hash }: PinHash): string {
  return `$scrypt$ln=${Math.log2(N)},r=${r},p=${p}$${unpadded(salt)}$${unpadded(hash)}`;
}

const FORM = /^(?:\$scrypt\$ln=(\d\d?),r=(\d\d?),p=(\d\d?)|scrypt)\$([^$]*)\$([^$]*)$/;

/** Also of the form before, `scrypt$<salt>$<hash>`. What is neither has an empty hash, which no PIN has. */
export function parsePinHash(stored: string): PinHash {
  const [all, ln, r, p, salt = '', hash = ''] = FORM.exec(stored) ?? [];
  if (all === undefined) return { cost: TODAYS, salt: Buffer.alloc(0), hash: Buffer.alloc(0) };
  const cost = ln === undefined ? UNSAID : { N: 2 ** Number(ln), r: Number(r), p: Number(p) };
  return { cost, salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64') };
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
