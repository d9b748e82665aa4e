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
interface Settings {
  readonly certificate: string;
  readonly key: string;
}
export const FOR_PHONES: Settings = { certificate: 'SELFPROV_SIP_TLS_CERT', key: 'SELFPROV_SIP_TLS_KEY' };
export const FOR_BROWSERS: Settings = { certificate: 'SELFPROV_ADMIN_TLS_CERT', key: 'SELFPROV_ADMIN_TLS_KEY' };
const AUTHORITY = 'SELFPROV_SIP_TLS_CA';

/**
 * Looks whether a server can show this certificate now. Throws `invalid` in one line that names the setting. The sentence
 * that comes back says why those that check will refuse it all the same; `undefined` when they will not.
 */
export function checkCertificate(
  files: CertificateFiles,
  host: string,
  now: Instant,
  settings = FOR_PHONES,
): string | undefined {
  const certificate = certificateIn(files.certificate, settings.certificate);
  const key = keyIn(files.key, settings.key);
  if (!certificate.checkPrivateKey(key)) {
    throw mistake(settings.key, `the key in ${files.key} is not that of the certificate in ${files.certificate}`);
  }
  const { validFrom, validTo } = certificate;
  const isOver = Date.parse(validTo) < now;
  if (isOver || Date.parse(validFrom) > now) {
    const late = mistake(
      settings.certificate,
      `${files.certificate} ${isOver ? `has run out on ${validTo}` : `is not valid before ${validFrom}`}`,
    );
    // No phone would come; a browser asks whether to go on, and phones are served meanwhile.
    if (settings === FOR_PHONES) throw late;
    return late.message;
  }
  if (fits(certificate, host)) return undefined;
  const who = settings === FOR_PHONES ? 'phones' : 'browsers';
  return `${settings.certificate}: the certificate is not for ${host}, which ${who} are told: those that check it will refuse it`;
}

/** What a server of ours shows, as PEM. */
export interface CertificateText {
  readonly cert: string;
  readonly key: string;
}

/** Both files as they are now, with what `checkCertificate` says of them. Throws as that does. */
export function readCertificate(
  files: CertificateFiles,
  host: string,
  now: Instant,
  settings: Settings,
): { readonly text: CertificateText; readonly warning: string | undefined } {
  const read = (file: string, setting: string): string => contentOf(file, setting).toString();
  const warning = checkCertificate(files, host, now, settings);
  const [cert, key] = [read(files.certificate, settings.certificate), read(files.key, settings.key)];
  return { text: { cert, key }, warning };
}

/** The text of a file with the certificate of an authority. Throws `invalid` in one line that names the setting. */
export function readAuthority(file: string): string {
  const certificate = certificateIn(file, AUTHORITY);
  if (!certificate.ca) throw mistake(AUTHORITY, `${file} has a certificate that is not an authority's`);
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

function keyIn(file: string, setting: string): KeyObject {
  const text = contentOf(file, setting);
  try {
    return createPrivateKey(text);
  } catch {
    throw mistake(setting, `${file} has no private key (PEM, without a passphrase) in it`);
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
