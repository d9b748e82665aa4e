import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from '../../test/support/freePorts.ts';
import { BUILT } from '../../test/support/selfprovProcess.ts';
import { waitFor } from '../../test/support/wait.ts';
import { on, SERVING } from './cores.ts';

/** `selfprov serve` as it is built and shipped, in a process of its own. */
export interface Server {
  readonly port: number;
  readonly tftpPort: number;
  /** Its resident memory, in MB. */
  rss(): number;
  close(): Promise<void>;
}

/** Without an Asterisk: it serves files all the same, and goes on looking for one. Its log is a file, as usual. */
export async function serve(environment: Readonly<Record<string, string>>): Promise<Server> {
  const [port = 0, admin = 0, tftpPort = 0, ari = 0, ami = 0, sip = 0] = await freePorts(7);
  const logFile = join(environment['SELFPROV_DIR'] ?? '', `log-${port}`);
  const log = openSync(logFile, 'w');
  const [command, ...args] = on(SERVING, [...BUILT, 'serve']);
  const child = spawn(command, args, {
    env: {
      PATH: process.env['PATH'] ?? '',
      SELFPROV_HOST: '127.0.0.1',
      SELFPROV_PORT: String(port),
      SELFPROV_ADMIN_PORT: String(admin),
      SELFPROV_TFTP_PORT: String(tftpPort),
      SELFPROV_SIP_PORT: String(sip),
      SELFPROV_ARI_URL: `http://127.0.0.1:${ari}`,
      SELFPROV_ARI_PASSWORD: 'none',
      SELFPROV_AMI_PORT: String(ami),
      SELFPROV_AMI_PASSWORD: 'none',
      ...environment,
    },
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const what = (): string => `selfprov serving:\n${readFileSync(logFile, 'utf8').slice(-3000)}`;
  const isOver = (): boolean => child.exitCode !== null;
  // It is not well: it has no Asterisk.
  await waitFor(async () => isOver() || (await fetch(`http://127.0.0.1:${admin}/healthz`)), { what, limit: 20_000 });
  if (isOver()) throw new Error(`it ended: ${what()}`);
  return {
    port,
    tftpPort,
    rss: () => rssOf(child),
    close: () => end(child),
  };
}

/** Resident memory of a process, in MB. */
export function rssOf({ pid = 0 }: { readonly pid?: number | undefined }): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

export async function end(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill();
  await gone;
}
