import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../src/packageRoot.ts';
import { freePort } from '../../test/support/freePorts.ts';
import { waitFor } from '../../test/support/wait.ts';
import { on, SERVING, type Command } from './cores.ts';
import { end } from './server.ts';

/** A server that answers every path with the same bytes, on the core where selfprov serves. */
export interface Yardstick {
  readonly port: number;
  close(): Promise<void>;
}

export async function bareNode(body: Buffer): Promise<Yardstick> {
  return start(body, (port, directory) => [
    process.execPath,
    join(packageRoot, 'scripts/bench/bare.js'),
    String(port),
    join(directory, 'file'),
  ]);
}

/** One process, as node:http is one; without root. */
export async function nginx(body: Buffer): Promise<Yardstick> {
  return start(body, (port, directory) => {
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
    const conf = `
      daemon off; master_process off; pid pid; error_log stderr crit;
      events { worker_connections 4096; }
      http {
        access_log off; keepalive_requests 1000000000; default_type text/plain;
        ${temporary.map((name) => `${name}_temp_path ${name};`).join(' ')}
        server { listen 127.0.0.1:${port}; root .; location / { try_files /file =404; } }
      }`;
    writeFileSync(join(directory, 'conf'), conf);
    return ['nginx', '-p', directory, '-c', 'conf', '-e', 'stderr'];
  });
}

async function start(body: Buffer, command: (port: number, directory: string) => Command): Promise<Yardstick> {
  const directory = mkdtempSync(join(tmpdir(), 'selfprov-yardstick-'));
  writeFileSync(join(directory, 'file'), body);
  const port = await freePort();
  const [program, ...args] = on(SERVING, command(port, directory));
  // Debian has servers in /usr/sbin, where not everybody looks.
  const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` };
  const child = spawn(program, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  await waitFor(async () => (await fetch(`http://127.0.0.1:${port}/`)).ok, { what: `${program} ${args.join(' ')}` });
  return {
    port,
    async close() {
      await end(child);
      rmSync(directory, { recursive: true });
    },
  };
}
