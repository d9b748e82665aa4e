import type { Command } from 'commander';
import type { Report } from '../doctor/finding.ts';
import { SelfprovError } from '../domain/errors.ts';

/** Looks at everything; `dhcp`: files of a DHCP server to look into. */
export type Doctor = (options: { readonly dhcp: readonly string[] }) => Promise<Report>;

const WORDS = { well: 'ok', warning: 'WARNING', wrong: 'WRONG', unseen: '-' } as const;

/** `selfprov doctor` */
export function doctorCommand(program: Command, look: Doctor, print: (text: string) => void): void {
  program
    .command('doctor')
    .description('look at everything that selfprov rests on: what is wrong, and what to type; changes nothing')
    .option('--dhcp <file...>', 'files or folders of your DHCP server, where they are not the usual ones')
    .action(async ({ dhcp = [] }: { readonly dhcp?: readonly string[] }) => {
      const report = await look({ dhcp });
      print(program.opts()['json'] === true ? JSON.stringify(report, null, 2) : textOf(report));
      const many = report.findings.filter(({ state }) => state === 'wrong').length;
      if (!report.ok) throw new SelfprovError('invalid', `${many} ${many === 1 ? 'thing is' : 'things are'} wrong`);
    });
}

/** One line for what was looked at, and below it what to do. */
function textOf({ findings }: Report): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  return findings
    .map(({ check, state, says, todo }) => {
      const line = `${check.padEnd(width)}  ${WORDS[state].padEnd(7)}  ${says.replaceAll('\n', `\n${' '.repeat(width + 11)}`)}`;
      return todo === null ? line : `${line}\n${' '.repeat(width + 11)}→ ${todo}`;
    })
    .join('\n');
}
