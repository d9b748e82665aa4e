import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, release, totalmem } from 'node:os';
import { theAsterisk } from '../../test/support/theAsterisk.ts';

/** Where and with what figures were measured. */
export interface Machine {
  /** ISO 8601. */
  readonly date: string;
  readonly processor: string;
  readonly cores: number;
  readonly memory: string;
  readonly kernel: string;
  /** Name → version. */
  readonly versions: Readonly<Record<string, string>>;
}

export async function machine(): Promise<Machine> {
  const { command } = await theAsterisk();
  const [asterisk, ...before] = command;
  return {
    date: new Date().toISOString().slice(0, 10),
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memory: `${Math.round(totalmem() / 2 ** 30)} GB`,
    kernel: release().replace(/-.*/, ''),
    versions: {
      'Node.js': process.version.slice(1),
      PostgreSQL: packageVersion('postgresql'),
      Asterisk: /\d+\.[\d.]+/.exec(execFileSync(asterisk, [...before, '-V'], { encoding: 'utf8' }))?.[0] ?? 'unknown',
      nginx: packageVersion('nginx'),
      'tftpd-hpa': packageVersion('tftpd-hpa'),
      wrk: packageVersion('wrk'),
    },
  };
}

function packageVersion(name: string): string {
  const said = execFileSync('dpkg-query', ['-W', '-f=${Version}', name], { encoding: 'utf8' });
  return said.replace(/^\d+:/, '').replace(/[-+].*$/, '');
}
