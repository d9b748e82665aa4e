import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { unseen, well, wrong, type Finding } from './finding.ts';

/** Where Debian's DHCP servers have what they say. */
const USUAL = ['/etc/dnsmasq.conf', '/etc/dnsmasq.d', '/etc/kea/kea-dhcp4.conf', '/etc/dhcp/dhcpd.conf'];

/** A URL as it stands in a file of a DHCP server: up to what ends a word there. */
const URL_IN_FILE = /\b(?:https?|tftp):\/\/[^\s"',;\\}\]]+/g;

/**
 * Whether what a DHCP server on this machine says is the URL that phones are to use. `files`: those to read, where they are not
 * the usual ones.
 */
export function dhcpFindings(url: string, files: readonly string[]): readonly Finding[] {
  const read = (files.length > 0 ? files : USUAL).flatMap(textsAt);
  const missing = files.filter((file) => !read.some(({ name }) => name.startsWith(file)));
  if (missing.length > 0)
    return missing.map((file) => wrong(`${file} cannot be read`, 'name a file of your DHCP server'));
  const said = read.flatMap(({ name, text }) => [...text.matchAll(URL_IN_FILE)].map(([found]) => ({ name, found })));
  if (!URL.canParse(url)) return [unseen('not looked at: see phones')];
  const ours = new URL(url);
  const others = said.filter(({ found }) => isMeant(found, ours) && !found.startsWith(url));
  if (others.length > 0)
    return others.map(({ name, found }) =>
      wrong(
        `${name} sends phones to ${found}, and theirs is ${url}`,
        'see what it has to say: selfprov dhcp dnsmasq (or kea, isc, mikrotik)',
      ),
    );
  const [right] = said.filter(({ found }) => found.startsWith(url));
  if (right !== undefined) return [well(`${right.name} sends phones to ${url}`)];
  const what = files.length > 0 ? files.join(', ') : 'no DHCP server of this machine';
  return [unseen(`${what} sends phones to ${url}: "selfprov dhcp" shows what has to be said where yours is`)];
}

/** The same host or the same port: another URL that is meant to be ours. A comment's is not. */
function isMeant(found: string, { hostname, port }: URL): boolean {
  if (!URL.canParse(found)) return false;
  const other = new URL(found);
  return other.hostname === hostname || (port !== '' && other.port === port);
}

function textsAt(path: string): readonly { readonly name: string; readonly text: string }[] {
  try {
    return [{ name: path, text: withoutComments(readFileSync(path, 'utf8')) }];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EISDIR') return [];
  }
  return readdirSync(path).flatMap((name) => textsAt(join(path, name)));
}

function withoutComments(text: string): string {
  return text.replace(/^\s*(?:#|\/\/).*$/gm, '');
}
