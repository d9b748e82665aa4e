import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { SelfprovError } from '../domain/errors.ts';
import type { Instant } from '../domain/time.ts';

/** Absolute paths of two PEM files. */
export interface CertificateFiles {
  /** The server's certificate, and those between it and its authority behind it. */
  readonly certificate: string;
  readonly key: string;
}

/** The settings that name the files. */
const SETTINGS = {
  certificate: 'SELFPROV_SIP_TLS_CERT',
  key: 'SELFPROV_SIP_TLS_KEY',
  authority: 'SELFPROV_SIP_TLS_CA',
};

/**
 * Looks whether a server can show this certificate now. Throws `invalid` in one line that names the setting. The sentence
 * that comes back says why phones that check will refuse it all the same; `undefined` when they will not.
 */
export function checkCertificate(files: CertificateFiles, host: string, now: Instant): string | undefined {
  const certificate = certificateIn(files.certificate, SETTINGS.certificate);
  const key = keyIn(files.key);
  if (!certificate.checkPrivateKey(key)) {
    throw mistake(SETTINGS.key, `the key in ${files.key} is not that of the certificate in ${files.certificate}`);
  }
  const { validFrom, validTo } = certificate;
  if (Date.parse(validTo) < now) throw mistake(SETTINGS.certificate, `${files.certificate} has run out on ${validTo}`);
  if (Date.parse(validFrom) > now) {
    throw mistake(SETTINGS.certificate, `${files.certificate} is not valid before ${validFrom}`);
  }
  if (fits(certificate, host)) return undefined;
  return `${SETTINGS.certificate}: the certificate is not for ${host}, which phones are told: those that check it will refuse it`;
}

/** The text of a file with the certificate of an authority. Throws `invalid` in one line that names the setting. */
export function readAuthority(file: string): string {
  const certificate = certificateIn(file, SETTINGS.authority);
  if (!certificate.ca) throw mistake(SETTINGS.authority, `${file} has a certificate that is not an authority's`);
  return certificate.toString();
}

/** Whether it is for this name or address. */
export function fits(certificate: X509Certificate, host: string): boolean {
  const found = isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host);
  return found !== undefined;
}

function certificateIn(file: string, setting: string): X509Certificate {
  const text = contentOf(file, setting);
  try {
    return new X509Certificate(text);
  } catch {
    throw mistake(setting, `${file} has no certificate (PEM) in it`);
  }
}

function keyIn(file: string): KeyObject {
  const text = contentOf(file, SETTINGS.key);
  try {
    return createPrivateKey(text);
  } catch {
    throw mistake(SETTINGS.key, `${file} has no private key (PEM, without a passphrase) in it`);
  }
}

function contentOf(file: string, setting: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    throw mistake(setting, `${file} ${UNREAD[code] ?? `cannot be read: ${code}`}`);
  }
}

const UNREAD: Readonly<Record<string, string>> = {
  ENOENT: 'is not there',
  ENOTDIR: 'is not there',
  EISDIR: 'is a folder, no file',
  EACCES: 'cannot be read by the user that runs this: give that one the right',
};

function mistake(setting: string, what: string): SelfprovError {
  return new SelfprovError('invalid', `${setting}: ${what}`);
}
