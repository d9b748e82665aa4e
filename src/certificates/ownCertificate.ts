import { createPrivateKey, randomBytes, X509Certificate, type KeyObject } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Instant } from '../domain/time.ts';
import { makeFolder } from '../makeFolder.ts';
import { fits, type CertificateFiles } from './certificateFiles.ts';
import { makeCertificate, makeKey, pemOf } from './makeCertificate.ts';

const DAY_MS = 24 * 60 * 60_000;
const YEAR_MS = 365 * DAY_MS;
/** Its end means that every phone needs another authority. */
const AUTHORITY_LASTS_MS = 20 * YEAR_MS;
const SERVER_LASTS_MS = 5 * YEAR_MS;
/** It is looked at when Asterisk is started: so long it may run then. */
const RENEW_BEFORE_MS = YEAR_MS;
/** The clock of a phone may be behind ours. */
const BEFORE_NOW_MS = DAY_MS;

/** The certificate that phones are to trust, in the folder of our own certificates. */
export function ownAuthorityFile(directory: string): string {
  return join(directory, 'ca.crt');
}

/**
 * A certificate for `host`, a name or an address, signed by an authority of our own. Both are kept in `directory` and made
 * anew when they are missing, when they end soon, or when the host is another; the authority then stays where it can, so that
 * phones need no other. Keys can be read by their owner alone. `say` hears of what was lost, and what that means for phones.
 */
export async function ownCertificate(
  directory: string,
  host: string,
  now: Instant,
  say: (text: string) => void = () => undefined,
): Promise<CertificateFiles> {
  const files = { certificate: join(directory, 'server.crt'), key: join(directory, 'server.key') };
  const authorityFiles = { certificate: ownAuthorityFile(directory), key: join(directory, 'ca.key') };
  const [kept, authority] = [await read(files), await read(authorityFiles)];
  if (kept && authority && isGood(kept, authority.certificate, host, now)) return files;
  const lost = lostAuthority(directory);
  // Without its key the authority goes on to be believed, as long as what it has signed holds.
  const believed = await readCertificate(authorityFiles.certificate);
  if (lost !== undefined && kept && believed && isGood(kept, believed, host, now)) {
    say(lost);
    return files;
  }
  if (lost !== undefined)
    say(
      `${lost}. A new one is made: over TLS phones are let in when they have fetched their files (selfprov sync start)`,
    );

  makeFolder(directory, 0o750);
  const from = now - BEFORE_NOW_MS;
  const signing =
    authority && endOf(authority) > now + SERVER_LASTS_MS
      ? authority
      : await write(authorityFiles, await newAuthority(from, now + AUTHORITY_LASTS_MS));
  const key = await makeKey();
  const issuer = { name: commonName(signing.certificate), key: signing.key };
  const text = makeCertificate({ name: host, key, issuer, from, until: now + SERVER_LASTS_MS, host });
  await write(files, { certificate: new X509Certificate(text), key });
  return files;
}

/** What is gone of an authority that has been here, for a reader; `undefined` where nothing is, or none ever was. */
export function lostAuthority(directory: string): string | undefined {
  const names = ['server.crt', 'server.key', 'ca.crt', 'ca.key'].filter((name) => !existsSync(join(directory, name)));
  if (names.length === 4) return undefined;
  if (names.includes('ca.crt'))
    return `${ownAuthorityFile(directory)} is missing, by which phones know this server over TLS`;
  if (names.includes('ca.key'))
    return `${join(directory, 'ca.key')} is missing, without which the certificate that phones know cannot be renewed, nor made for another host`;
  return undefined;
}

interface Pair {
  readonly certificate: X509Certificate;
  readonly key: KeyObject;
}

/** Each has a name of its own: a phone that keeps several tells them apart. */
async function newAuthority(from: Instant, until: Instant): Promise<Pair> {
  const key = await makeKey();
  const name = `selfprov ${randomBytes(4).toString('hex')}`;
  const text = makeCertificate({ name, key, issuer: { name, key }, from, until, host: null });
  return { certificate: new X509Certificate(text), key };
}

/** `undefined` when one of the two is not there, or they are no pair: what was written half is made again. */
async function read(files: CertificateFiles): Promise<Pair | undefined> {
  try {
    const certificate = new X509Certificate(await readFile(files.certificate));
    const key = createPrivateKey(await readFile(files.key));
    return certificate.checkPrivateKey(key) ? { certificate, key } : undefined;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EACCES') throw error;
    return undefined;
  }
}

async function readCertificate(file: string): Promise<X509Certificate | undefined> {
  try {
    return new X509Certificate(await readFile(file));
  } catch {
    return undefined;
  }
}

async function write(files: CertificateFiles, pair: Pair): Promise<Pair> {
  await replace(files.key, pemOf(pair.key), 0o600);
  await replace(files.certificate, pair.certificate.toString(), 0o644);
  return pair;
}

async function replace(file: string, text: string, mode: number): Promise<void> {
  const partial = `${file}.partial`;
  await writeFile(partial, text, { mode });
  await rename(partial, file);
}

function isGood(pair: Pair, authority: X509Certificate, host: string, now: Instant): boolean {
  const { certificate } = pair;
  const isSigned = certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
  return isSigned && fits(certificate, host) && endOf(pair) > now + RENEW_BEFORE_MS;
}

function endOf({ certificate }: Pair): Instant {
  return Date.parse(certificate.validTo);
}

function commonName({ subject }: X509Certificate): string {
  return subject.replace(/^CN=/, '');
}
