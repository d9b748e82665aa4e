import type { Command } from 'commander';
import type { Report } from '../doctor/finding.ts';
import { SelfprovError } from '../domain/errors.ts';
import { printed } from './output.ts';

/** Looks at everything; `dhcp`: files of a DHCP server to look into; `call`: a phone is played too. */
export type Doctor = (options: { readonly dhcp: readonly string[]; readonly call: boolean }) => Promise<Report>;

const WORDS = { well: 'ok', warning: 'WARNING', wrong: 'WRONG', unseen: '-' } as const;

/** `selfprov doctor` */
export function doctorCommand(program: Command, look: Doctor, print: (text: string) => void): void {
  program
    .command('doctor')
    .description('look at everything that selfprov rests on: what is wrong, and what to type; changes nothing')
    .option('--dhcp <file...>', 'files or folders of your DHCP server, where they are not the usual ones')
    .option('--call', 'play a phone and set it up by a call, for a user who is made up; both are taken away again')
    .action(async ({ dhcp = [], call = false }: { readonly dhcp?: readonly string[]; readonly call?: boolean }) => {
      const report = await look({ dhcp, call });
      print(printed(program, { data: report, text: textOf(report) }));
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
