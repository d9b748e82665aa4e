import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { SelfprovError } from '../domain/errors.ts';
import { Secret } from '../domain/secret.ts';

/** Encrypts what phones need back in clear (AES-256-GCM), with the site key. */
export interface Sealer {
  seal(secret: Secret): string;
  /** Opened when it is revealed, which throws `unavailable` for what another key has sealed. */
  open(sealed: string): Secret;
}

export function sealer(key: Buffer): Sealer {
  return {
    seal(secret) {
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, iv);
      const text = Buffer.concat([cipher.update(secret.reveal(), 'utf8'), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64url');
    },
    open: (sealed) => new Secret(() => opened(sealed)),
  };

  function opened(sealed: string): string {
    const bytes = Buffer.from(sealed, 'base64url');
    try {
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12));
      decipher.setAuthTag(bytes.subarray(12, 28));
      return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
    } catch (cause) {
      throw new SelfprovError(
        'unavailable',
        'a stored secret cannot be read: this is not the site key (SELFPROV_SITE_KEY) it was sealed with; put that one back from the backup',
        { cause },
      );
    }
  }
}
