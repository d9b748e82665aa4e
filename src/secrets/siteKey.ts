import { createHmac, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { SelfprovError } from '../domain/errors.ts';
import { makeFolder } from '../makeFolder.ts';

const KEY_BYTES = 32;

/**
 * Reads the site key (32 bytes, hex) or makes one on the first start. The file is readable by its owner only; without
 * it the phones' secrets in the database cannot be read. Throws `invalid` when others could read it or it is no key, and
 * `unavailable` when we may not.
 */
export function siteKey(file: string): Buffer {
  try {
    return readOrMake(file);
  } catch (cause) {
    if (!(cause instanceof Error) || !('code' in cause) || cause.code !== 'EACCES') throw cause;
    const why = `${file} is not yours to read: run this as the user that selfprov runs as`;
    throw new SelfprovError('unavailable', why, { cause });
  }
}

/** What to type to have the key alone back, in place of a restore, which brings the older database too. */
export function keyFromBackup(file: string): string {
  return `(umask 077; tar -xOf BACKUP site.key > ${file}; chown --reference=${dirname(file)} ${file})`;
}

/** By which a site key is known again; nobody can tell the key from it. */
export function fingerprintOf(key: Buffer): string {
  return createHmac('sha256', key).update('fingerprint').digest('base64url');
}

function readOrMake(file: string): Buffer {
  if (!existsSync(file)) {
    makeFolder(dirname(file), 0o750);
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
