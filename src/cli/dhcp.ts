import { Argument, type Command } from 'commander';
import { DHCP_SERVERS, dhcpSnippet, type DhcpServer } from '../phones/dhcp/dhcp.ts';
import type { Families } from '../phones/family/family.ts';

/** What the snippet is made from; read when the command runs. */
export interface DhcpFacts {
  readonly families: () => Families;
  /** Where phones ask; ends with a slash. */
  readonly openUrl: () => string;
}

/** `selfprov dhcp` */
export function dhcpCommand(program: Command, facts: DhcpFacts, print: (text: string) => void): void {
  program
    .command('dhcp')
    .addArgument(new Argument('<server>', 'which DHCP server').choices(DHCP_SERVERS))
    .description('print what makes a DHCP server send all phones here, each kind by the options that it reads')
    .action((server: DhcpServer) => {
      const snippet = dhcpSnippet(facts.families(), server, facts.openUrl()).trimEnd();
      print(program.opts()['json'] === true ? JSON.stringify({ server, snippet }, null, 2) : snippet);
    });
}
