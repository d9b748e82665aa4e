import { createHash, createPublicKey, generateKeyPair, randomBytes, sign, type KeyObject } from 'node:crypto';
import { isIP, isIPv4 } from 'node:net';
import { promisify } from 'node:util';
import type { Instant } from '../domain/time.ts';
import * as der from './der.ts';

/** Who signs: an authority, with its private key. */
export interface Issuer {
  readonly name: string;
  readonly key: KeyObject;
}

export interface CertificateWanted {
  /** Common name. */
  readonly name: string;
  readonly key: KeyObject;
  readonly issuer: Issuer;
  readonly from: Instant;
  readonly until: Instant;
  /** Name or address of the server that it stands for; `null`: it is an authority, for servers only. */
  readonly host: string | null;
}

/** RSA: every phone can check it, which cannot be said of elliptic curves. */
const BITS = 2048;
/** RFC 5280, A.1. */
const LONGEST_NAME = 64;
const SHA256_WITH_RSA = der.sequence(der.objectId('1.2.840.113549.1.1.11'), der.nothing);

export async function makeKey(): Promise<KeyObject> {
  return (await promisify(generateKeyPair)('rsa', { modulusLength: BITS })).privateKey;
}

export function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** An X.509 certificate (RFC 5280) as PEM. Keys are private RSA keys; what belongs into public is taken from them. */
export function makeCertificate({ name, key, issuer, from, until, host }: CertificateWanted): string {
  const signed = der.sequence(
    der.tagged(0xa0, der.integer(Buffer.from([2]))),
    der.integer(serialNumber()),
    SHA256_WITH_RSA,
    nameOf(issuer.name),
    der.sequence(der.time(from), der.time(until)),
    nameOf(name),
    createPublicKey(key).export({ type: 'spki', format: 'der' }),
    der.tagged(0xa3, der.sequence(...(host === null ? authority() : server(host)), ...keyIds(key, issuer.key))),
  );
  const signature = sign('sha256', signed, issuer.key);
  const whole = der.sequence(signed, SHA256_WITH_RSA, der.bitString(signature));
  const lines = whole.toString('base64').replace(/.{64}(?=.)/g, '$&\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

/** May sign certificates of servers, and no other authority. */
function authority(): readonly Buffer[] {
  const nothingBelow = der.integer(Buffer.from([0]));
  const signsCertificatesAndLists = der.bitString(Buffer.from([0b0000_0110]), 1);
  return [
    extension('2.5.29.19', der.sequence(der.yes, nothingBelow), 'critical'),
    extension('2.5.29.15', signsCertificatesAndLists, 'critical'),
  ];
}

function server(host: string): readonly Buffer[] {
  const signsAndTakesKeys = der.bitString(Buffer.from([0b1010_0000]), 5);
  // An address is there as a name too: clients that know no addresses (mbed TLS before 3.5 is one) compare texts.
  const names = [
    der.tagged(0x82, Buffer.from(host)),
    ...(isIP(host) === 0 ? [] : [der.tagged(0x87, addressBytes(host))]),
  ];
  return [
    extension('2.5.29.19', der.sequence(), 'critical'),
    extension('2.5.29.15', signsAndTakesKeys, 'critical'),
    extension('2.5.29.37', der.sequence(der.objectId('1.3.6.1.5.5.7.3.1'))),
    extension('2.5.29.17', der.sequence(...names)),
  ];
}

/** By these a chain is put together. */
function keyIds(own: KeyObject, issuer: KeyObject): readonly Buffer[] {
  return [
    extension('2.5.29.14', der.octetString(keyId(own))),
    extension('2.5.29.35', der.sequence(der.tagged(0x80, keyId(issuer)))),
  ];
}

/** RFC 5280, 4.2.1.2, the first method. */
function keyId(key: KeyObject): Buffer {
  const bits = createPublicKey(key).export({ type: 'pkcs1', format: 'der' });
  return createHash('sha1').update(bits).digest();
}

function extension(id: string, value: Buffer, critical?: 'critical'): Buffer {
  const mark = critical === undefined ? [] : [der.yes];
  return der.sequence(der.objectId(id), ...mark, der.octetString(value));
}

function nameOf(commonName: string): Buffer {
  const text = der.utf8String(commonName.slice(0, LONGEST_NAME));
  return der.sequence(der.set(der.sequence(der.objectId('2.5.4.3'), text)));
}

/** Positive, and without a zero in front. */
function serialNumber(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes;
}

function addressBytes(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  // As the URL standard writes it: hexadecimal groups, and one gap at most.
  const [before = '', after = ''] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const [head, tail] = [groups(before), groups(after)];
  const gap = Array<string>(8 - head.length - tail.length).fill('0');
  return Buffer.from([...head, ...gap, ...tail].map((group) => group.padStart(4, '0')).join(''), 'hex');
}
