import { Argument, type Command } from 'commander';
import { DHCP_SERVERS, type DhcpServer } from '../phones/dhcp/dhcp.ts';
import { dhcpOf } from '../administration/dhcp.ts';
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
    .description('print what makes a DHCP server send phones here, each kind by the options that it reads')
    .option('--family <families...>', 'phones of these alone; else of all')
    .action(
      run(async (core, server: DhcpServer, { family: only }: { family?: readonly string[] }) => {
        const about = { server, families: facts.families(), openUrl: facts.openUrl(), only };
        const snippet = (await dhcpOf(core, core.tenantId, about)).snippet.trimEnd();
        return { data: { server, snippet }, text: snippet };
      }),
    );
}
