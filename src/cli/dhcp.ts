import { Argument, type Command } from 'commander';
import { DHCP_SERVERS, dhcpSnippet, type DhcpServer } from '../phones/dhcp/dhcp.ts';
import { showTenant } from '../administration/tenants.ts';
import type { Families } from '../phones/family/family.ts';
import type { Run } from './run.ts';

/** What the snippet is made from; read when the command runs. */
export interface DhcpFacts {
  readonly families: () => Families;
  /** Where phones ask whose tenant has no URL of its own; ends with a slash. */
  readonly openUrl: () => string;
}

/** `selfprov dhcp` */
export function dhcpCommand(program: Command, run: Run, facts: DhcpFacts): void {
  program
    .command('dhcp')
    .addArgument(new Argument('<server>', 'which DHCP server').choices(DHCP_SERVERS))
    .description('print what makes a DHCP server send all phones here, each kind by the options that it reads')
    .action(
      run(async (core, server: DhcpServer) => {
        const { urls } = await showTenant(core, core.tenantId);
        const snippet = dhcpSnippet(facts.families(), server, urls[0] ?? facts.openUrl()).trimEnd();
        return { data: { server, snippet }, text: snippet };
      }),
    );
}
