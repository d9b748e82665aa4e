import { BlockList, isIP, isIPv6 } from 'node:net';

/** Addresses that no router passes on to the Internet: RFC 1918, 3927, 4193, 4291, and loopback. */
const PRIVATE = new BlockList();
for (const [net, prefix] of [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
  ['127.0.0.0', 8],
] as const) {
  PRIVATE.addSubnet(net, prefix, 'ipv4');
}
PRIVATE.addSubnet('fc00::', 7, 'ipv6');
PRIVATE.addSubnet('fe80::', 10, 'ipv6');
PRIVATE.addAddress('::1', 'ipv6');

export function isPrivateAddress(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && PRIVATE.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

/** Without what stands before an IPv4 address on a socket that takes both. */
export function plainAddress(given = ''): string {
  return given.startsWith('::ffff:') ? given.slice(7) : given;
}

/** Of whom an address is: itself, or of IPv6 its first 64 bits, behind which everybody has more addresses than can be counted. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.replace(/%.*$/, '').toLowerCase().split('::');
  const groups = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - groups.length - after.length;
  const all = [...groups, ...Array.from({ length: zeros }, () => '0'), ...after];
  return `${all
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}

/** Of several Asterisks, which one; `null` for the only one. */
export type AsteriskName = string | null;

/**
 * A contact as it is known here: its SIP URI, and before that the name of the Asterisk that it is registered at, where there
 * are several. A router lets through what comes from there and from nowhere else, and may give the same port to another phone
 * at another Asterisk.
 */
export function atAsterisk(asterisk: AsteriskName, uriOrPlace: string): string {
  return asterisk === null ? uriOrPlace : `${asterisk} ${uriOrPlace}`;
}

export function asteriskOf(contact: string): AsteriskName {
  return /^([\w-]+) /.exec(contact)?.[1] ?? null;
}

export function uriOf(contact: string): string {
  return contact.replace(/^[\w-]+ /, '');
}

/** Scheme, port and parameters of a SIP URI. */
const PARTS = /^(sips?):(?:[^@]*@)?(?:\[[^\]]+\]|[^:;?>]+)(?::(\d+))?([^?>]*)/i;

/** Where a packet to this contact goes: `host:port`, whatever its user and parameters are; and which Asterisk sends it. */
export function whereOf(contact: string): string {
  const port = PARTS.exec(uriOf(contact))?.[2];
  const place = placeOf(hostOf(contact), port === undefined ? usualPort(isOverTls(contact)) : Number(port));
  return atAsterisk(asteriskOf(contact), place);
}

/** Whether what is sent to this contact goes over TLS. */
export function isOverTls(contact: string): boolean {
  const [, scheme = '', , parameters = ''] = PARTS.exec(uriOf(contact)) ?? [];
  return scheme.toLowerCase() === 'sips' || /;transport=tls(?:;|$)/i.test(parameters);
}

/** Where SIP is spoken when no port is named (RFC 3261, 18.2.2 and 19.1.2). */
export function usualPort(isTls: boolean): number {
  return isTls ? 5061 : 5060;
}

/** The same of an address and a port: one spelling for each. */
export function placeOf(address: string, port: number): string {
  const [bare = ''] = address.split('%');
  const host = isIPv6(bare) ? new URL(`http://[${bare}]`).hostname.slice(1, -1) : address.toLowerCase();
  return `${host}:${port}`;
}

const HOST = String.raw`(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)`;
const USER = String.raw`(?:[\w.!~*'()=+$;/-]|%[0-9A-Fa-f]{2})+`;
const PARAMETER = String.raw`(?:[\w.!~*'()[\]/:+$-]|%[0-9A-Fa-f]{2})+`;
const PLAIN = new RegExp(`^sips?:(?:${USER}@)?${HOST}(?::\\d{1,5})?((?:;${PARAMETER}(?:=${PARAMETER})?)*)$`, 'i');

/**
 * Whether what is sent to this contact goes to the host that stands in it and says only what we say. A phone writes its
 * contact itself: `maddr` (RFC 3261 19.1.1) would aim at another host, `?headers` would be written into the request, and a
 * comma, an ampersand or an angle bracket would begin another value wherever contacts are listed.
 */
export function isPlainContact(contact: string): boolean {
  const parameters = PLAIN.exec(uriOf(contact))?.[1];
  if (parameters === undefined) return false;
  return parameters.split(';').every((parameter) => decoded(parameter.split('=')[0] ?? '') !== 'maddr');
}

/** Percent-encoding stands for ASCII here; what stands for anything else is left as it is. */
function decoded(text: string): string {
  return text
    .replace(/%([0-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .toLowerCase();
}

/** The host of a contact's URI (RFC 3261 19.1), without brackets; empty when there is none. */
export function hostOf(contact: string): string {
  return /^sips?:(?:[^@]*@)?(?:\[([^\]]+)\]|([^:;?>]+))/i.exec(uriOf(contact))?.slice(1).find(Boolean) ?? '';
}
