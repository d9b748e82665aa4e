import { dhcpSnippet, type DhcpServer } from '../phones/dhcp/dhcp.ts';
import { familiesByDhcp } from '../phones/dhcp/rules.ts';
import type { Families } from '../phones/family/family.ts';
import type { Core } from './core.ts';
import { checkFamily } from './names.ts';
import { showTenant } from './tenants.ts';

/**
 * What makes a DHCP server send phones of a tenant here: those of these families, or all. Rejects with `not_found` for a family that is not
 * there, or that no DHCP server can tell from others.
 */
export async function dhcpOf(
  core: Pick<Core, 'store'>,
  tenantId: string,
  wanted: {
    readonly server: DhcpServer;
    readonly families: Families;
    /** Where phones ask whose tenant has no URL of its own. */
    readonly openUrl: string;
    readonly only?: readonly string[] | undefined;
  },
) {
  const { server, families, openUrl, only } = wanted;
  const { urls } = await showTenant(core, tenantId);
  const told = familiesByDhcp(families);
  for (const family of only ?? [])
    checkFamily(
      told.map(({ id }) => id),
      family,
    );
  const url = urls[0] ?? openUrl;
  return {
    ...{ server, url, snippet: dhcpSnippet(families, server, url, only) },
    families: told.map(({ id, data }) => ({ family: id, title: data.title })),
  };
}
