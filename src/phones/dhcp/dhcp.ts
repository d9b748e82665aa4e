import { dnsmasqSnippet } from './dnsmasq.ts';
import { iscSnippet } from './isc.ts';
import { keaSnippet } from './kea.ts';
import { mikrotikSnippet } from './mikrotik.ts';
import { dhcpRules, type DhcpRule } from './rules.ts';
import type { Families } from '../family/family.ts';

const WRITERS = {
  dnsmasq: dnsmasqSnippet,
  kea: keaSnippet,
  isc: iscSnippet,
  mikrotik: mikrotikSnippet,
} satisfies Record<string, (rules: readonly DhcpRule[]) => string>;

export type DhcpServer = keyof typeof WRITERS;

export const DHCP_SERVERS = Object.keys(WRITERS) as readonly DhcpServer[];

/** Configuration for a DHCP server that sends each family's phones, or those of `only`, what they read. `openUrl` ends with a slash. */
export function dhcpSnippet(families: Families, server: DhcpServer, openUrl: string, only?: readonly string[]): string {
  return WRITERS[server](dhcpRules(families, openUrl, only));
}
