import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../test/support/freePorts.ts';
import { tftpGet } from '../../src/virtualPhone/tftpClient.ts';
import { waitFor } from '../../test/support/wait.ts';
import type { Bench, Part } from './bench.ts';
import { asking, on, SERVING } from './cores.ts';
import { during, type Keep } from './during.ts';
import { middle, quantile, rounded, type Figure } from './figure.ts';
import { ownFile, requestsOf } from './files.ts';
import { end, serve } from './server.ts';

const CLIENTS = 16;
const BLOCKS = { 512: 'blocks of 512 bytes', 1428: 'blocks of 1428 bytes' } as const;

/** A user's file by TFTP, beside Debian's tftpd-hpa with the same bytes and the same client. */
export const tftp: Part = (bench) => during((keep) => tftpOf(bench, keep));

async function tftpOf(bench: Bench, keep: Keep): Promise<readonly Figure[]> {
  const database = keep(await bench.database('SQLite', 100));
  const server = keep(await serve(database.environment));
  const asked = requestsOf(database.phones)['4 lines, 40 keys'] ?? [];
  const body = await ownFile(server.port, asked);
  const other = await tftpdHpa(body);
  if (other !== undefined) keep(other);
  const ours = { port: server.tftpPort, name: asked[0]?.path.slice(1) ?? '' };
  const seconds = bench.isQuick ? 0.5 : 2;
  const figures: Figure[] = [];
  for (const blockSize of [512, 1428] as const) {
    const [mine, theirs] = [[], []] as [Round[], Round[]];
    for (let round = 0; round < 3; round++) {
      if (other !== undefined) theirs.push(await asking(() => transfers(other, blockSize, seconds)));
      mine.push(await asking(() => transfers(ours, blockSize, seconds)));
    }
    const besides = (of: (round: Round) => number): Pick<Figure, 'beside'> =>
      theirs.length === 0 ? {} : { beside: { what: 'tftpd-hpa', value: rounded(quantile(theirs.map(of), 0.5)) } };
    for (const [what, unit, of] of [
      ['files', 'a second', (round: Round) => round.rate],
      ['a file, p50', 'ms', (round: Round) => quantile(round.took, 0.5)],
      ['a file, p99', 'ms', (round: Round) => quantile(round.took, 0.99)],
    ] as const)
      figures.push({ what: `${what}, ${BLOCKS[blockSize]}`, ...middle(mine.map(of)), unit, ...besides(of) });
  }
  return figures;
}

interface Place {
  readonly port: number;
  readonly name: string;
}

interface Round {
  readonly rate: number;
  readonly took: readonly number[];
}

async function transfers({ port, name }: Place, blockSize: number, seconds: number): Promise<Round> {
  const options = blockSize === 512 ? {} : { blksize: blockSize };
  const [began, took] = [performance.now(), [] as number[]];
  async function askAgain(): Promise<void> {
    while (performance.now() - began < seconds * 1000) {
      const from = performance.now();
      await tftpGet({ port, name, options });
      took.push(performance.now() - from);
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, askAgain));
  return { rate: (took.length * 1000) / (performance.now() - began), took };
}

/** It gives its rights away before it reads a request, which nobody but root can; then there is no yardstick. */
async function tftpdHpa(body: Buffer): Promise<(Place & { close(): Promise<void> }) | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const directory = mkdtempSync(join(tmpdir(), 'selfprov-tftp-'));
  // Others may read what it serves: it looks at that itself.
  chmodSync(directory, 0o755);
  const name = join(directory, 'file');
  writeFileSync(name, body, { mode: 0o644 });
  const port = await freePort();
  const options = ['--listen', '--foreground', '--address', `127.0.0.1:${port}`, '--user', userInfo().username];
  const [command, ...args] = on(SERVING, ['/usr/sbin/in.tftpd', ...options, directory]);
  const child = spawn(command, args, { stdio: 'inherit' });
  await waitFor(() => tftpGet({ port, name, repeatAfter: 100 }), { what: 'tftpd-hpa' });
  return {
    ...{ port, name },
    async close() {
      await end(child);
      rmSync(directory, { recursive: true });
    },
  };
}
