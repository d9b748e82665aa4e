import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../src/packageRoot.ts';
import type { Part } from './bench.ts';
import { middle, quantile, rounded, type Figure } from './figure.ts';
import { serve } from './server.ts';

/** How long a command takes, and how long `serve` until it listens, from the start of the process on; and its memory then. */
export const start: Part = async ({ isQuick }) => {
  const directory = mkdtempSync(join(tmpdir(), 'selfprov-figures-'));
  const env = { ...process.env, SELFPROV_DIR: directory, SELFPROV_HOST: '127.0.0.1' };
  const [node, list, ready, memory] = [[], [], [], []] as [number[], number[], number[], number[]];
  for (let run = 0; run < (isQuick ? 3 : 20); run++) {
    node.push(timed(process.execPath, ['-e', '0']));
    list.push(timed(join(packageRoot, 'bin/selfprov'), ['user', 'list'], env));
    const from = performance.now();
    const server = await serve({ SELFPROV_DIR: directory });
    ready.push(performance.now() - from);
    memory.push(server.rss());
    await server.close();
  }
  rmSync(directory, { recursive: true });
  const beside = { what: 'node -e 0', value: rounded(quantile(node, 0.5)) };
  const figure = (what: string, values: readonly number[]): Figure => {
    return { what, ...middle(values), unit: 'ms', beside };
  };
  return [
    figure('selfprov user list', list),
    figure('selfprov serve, until it listens', ready),
    { what: 'its memory then', ...middle(memory), unit: 'MB' },
  ];
};

function timed(command: string, args: readonly string[], env = process.env): number {
  const from = performance.now();
  const { status, stderr } = spawnSync(command, args, { env, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return performance.now() - from;
}
