import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** What serves runs on one core and what asks on another, so that neither takes time from the other. */
export const SERVING = 0;
export const ASKING = 1;

const ARE_SEVERAL = availableParallelism() > 1;

export type Command = readonly [string, ...string[]];

/** The command that runs this one on that core alone, where there are several; the kernel ends it when we are gone. */
export function on(core: number, command: Command): Command {
  const bound = ['setpriv', '--pdeathsig', 'TERM', '--'] as const;
  return ARE_SEVERAL ? [...bound, 'taskset', '-c', String(core), ...command] : [...bound, ...command];
}

/** Keeps this process on the core of those who ask until the work is done. */
export async function asking<T>(work: () => Promise<T>): Promise<T> {
  const all = `0-${availableParallelism() - 1}`;
  keepOn(String(ASKING));
  try {
    return await work();
  } finally {
    keepOn(all);
  }
}

function keepOn(cores: string): void {
  if (ARE_SEVERAL) spawnSync('taskset', ['-a', '-c', '-p', cores, String(process.pid)]);
}
