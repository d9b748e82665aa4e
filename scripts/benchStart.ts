// Prints figures, asserts nothing: `npx tsx scripts/benchStart.ts [another checkout, built]`. How long a command takes, and how long
// `serve` takes until it listens, from the start of the process on; Node itself and another checkout in the same run, in turn.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { packageRoot } from '../src/packageRoot.ts';
import { freePorts } from '../test/support/freePorts.ts';

const RUNS = 20;
const LOOK_EVERY_MS = 2;

const checkouts = [packageRoot, ...process.argv.slice(2)];
const directories = new Map(checkouts.map((root) => [root, mkdtempSync(join(tmpdir(), 'selfprov-bench-'))]));
const figures = new Map<string, number[]>();
const note = (what: string, figure: number): void => void figures.set(what, [...(figures.get(what) ?? []), figure]);

for (let run = 0; run < RUNS; run++) {
  note('node -e 0, ms', timed(process.execPath, ['-e', '0']));
  for (const [root, directory] of directories) {
    const env = { ...process.env, SELFPROV_DIR: directory, SELFPROV_HOST: '127.0.0.1' };
    note(`selfprov user list, ms: ${root}`, timed(join(root, 'bin/selfprov'), ['user', 'list'], env));
    const { ready, mb } = await serving(root, env);
    note(`selfprov serve listens, ms: ${root}`, ready);
    note(`its memory then, MB: ${root}`, mb);
  }
}
for (const [what, values] of [...figures].toSorted(([one], [other]) => (one < other ? -1 : 1))) {
  const sorted = values.toSorted((one, other) => one - other).map(Math.round);
  process.stdout.write(`min ${sorted[0]}  median ${sorted[sorted.length >> 1]}  max ${sorted.at(-1)}   ${what}\n`);
}
for (const directory of directories.values()) rmSync(directory, { recursive: true });

function timed(command: string, args: readonly string[], env = process.env): number {
  const from = performance.now();
  const { status, stderr } = spawnSync(command, args, { env, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return performance.now() - from;
}

/** No Asterisk is there: it listens all the same, and goes on looking for one. */
async function serving(root: string, env: NodeJS.ProcessEnv): Promise<{ readonly ready: number; readonly mb: number }> {
  const [port = 0, admin = 0, ari = 0, ami = 0] = await freePorts(4);
  const ports = { SELFPROV_PORT: String(port), SELFPROV_ADMIN_PORT: String(admin), SELFPROV_AMI_PORT: String(ami) };
  const asterisk = {
    ...{ SELFPROV_ARI_URL: `http://127.0.0.1:${ari}`, SELFPROV_ARI_PASSWORD: 'none' },
    SELFPROV_AMI_PASSWORD: 'none',
  };
  const from = performance.now();
  const served = spawn(join(root, 'bin/selfprov'), ['serve'], {
    env: { ...env, ...ports, ...asterisk },
    stdio: 'ignore',
  });
  while (!(await listens(admin))) await pause(LOOK_EVERY_MS);
  const ready = performance.now() - from;
  const status = readFileSync(`/proc/${served.pid ?? 0}/status`, 'utf8');
  served.kill();
  await once(served, 'close');
  return { ready, mb: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024 };
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
