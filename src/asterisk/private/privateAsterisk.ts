import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { SelfprovError } from '../../domain/errors.ts';
import type { AsteriskInstallation } from './findAsterisk.ts';
import { checkPortsFree } from './freePorts.ts';
import { writePrivateConfig } from './privateConfig.ts';
import type { PrivateAsteriskPlace, PrivateAsteriskSettings } from './privateConfig.ts';

/** A private Asterisk that has booted. */
export interface PrivateAsterisk {
  readonly pid: number;
  /** Resolves when the process is gone, whoever ended it. */
  readonly ended: Promise<void>;
  /** Asks it to end, kills it when it does not, and resolves when it is gone. */
  close(): Promise<void>;
  /** Sends a signal, for example SIGKILL or SIGSTOP. */
  kill(signal: NodeJS.Signals): void;
}

export interface PrivateAsteriskOptions {
  readonly installation: AsteriskInstallation;
  readonly place: Omit<PrivateAsteriskPlace, 'run'>;
  readonly settings: PrivateAsteriskSettings;
  readonly signal?: AbortSignal;
}

const bootLimit = 120_000;
const stopLimit = 5_000;
/** A predecessor that is just ending holds its ports for a moment. */
const portLimit = 3_000;
/** A Unix socket's path has 108 bytes at most, the name of Asterisk's control socket included. */
const longestRunFolder = 90;

/**
 * Starts an Asterisk of our own and resolves when it has booted. Started again in the same folder it still knows its
 * registrations. It ends when this process ends, however that happens. Refuses with `conflict` when a port is taken, with
 * `unavailable` when it ends or has not booted in two minutes; the folder's `log` then says why.
 */
export async function startPrivateAsterisk(options: PrivateAsteriskOptions): Promise<PrivateAsterisk> {
  const { installation, place, settings } = options;
  await waitForPorts(settings, options.signal);
  const run = await runFolder(place.directory);
  const config = await writePrivateConfig(installation, { ...place, run: run.path }, settings);
  const child = await spawnAsterisk(installation, config, join(place.directory, 'log/console.log'));
  const ended = once(child, 'exit').then(() => run.remove());
  const close = (): Promise<void> => end(child, ended);
  try {
    await waitForBoot(settings, child, options.signal);
  } catch (cause) {
    await close();
    options.signal?.throwIfAborted();
    throw new SelfprovError('unavailable', `Asterisk did not start: see ${place.directory}/log/console.log`, { cause });
  }
  return { pid: child.pid ?? 0, ended, close, kill: (signal) => void child.kill(signal) };
}

async function waitForPorts(settings: PrivateAsteriskSettings, signal: AbortSignal | undefined): Promise<void> {
  const sip = { name: 'SIP', address: settings.sipAddress, port: settings.sipPort };
  const ports = [
    { ...sip, protocol: 'udp' },
    { ...sip, protocol: 'tcp' },
    { ...sip, name: 'SIP over TLS', protocol: 'tcp', port: settings.tlsPort },
    { name: 'ARI', protocol: 'tcp', address: settings.httpAddress, port: settings.httpPort },
    { name: 'AMI', protocol: 'tcp', address: settings.amiAddress, port: settings.amiPort },
  ] as const;
  for (const giveUpAt = Date.now() + portLimit; ; await pause(100, undefined, { signal })) {
    try {
      return await checkPortsFree(ports);
    } catch (error) {
      if (Date.now() > giveUpAt) throw error;
    }
  }
}

interface RunFolder {
  readonly path: string;
  remove(): Promise<void>;
}

async function runFolder(directory: string): Promise<RunFolder> {
  const own = join(directory, 'run');
  const path = Buffer.byteLength(own) > longestRunFolder ? await mkdtemp(join(tmpdir(), 'selfprov-')) : own;
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/**
 * In a process group of its own, so that a Ctrl-C meant for us does not reach it; `setpriv` (util-linux) has the kernel end
 * it when we are gone without having closed it.
 */
async function spawnAsterisk(installation: AsteriskInstallation, config: string, log: string): Promise<ChildProcess> {
  const output = await open(log, 'a', 0o640);
  try {
    const odbc = `ODBCINI=${join(dirname(config), 'selfprov/odbc.ini')}`;
    const bound = ['setpriv', '--pdeathsig', 'TERM', '--', ...installation.command];
    const child = spawn('env', [odbc, ...bound, '-C', config, '-f', '-n'], {
      detached: true,
      stdio: ['ignore', output.fd, output.fd],
    });
    await once(child, 'spawn');
    return child;
  } finally {
    await output.close();
  }
}

/** Asterisk's HTTP server answers 503 until everything is loaded. */
async function waitForBoot(
  settings: PrivateAsteriskSettings,
  child: ChildProcess,
  signal: AbortSignal | undefined,
): Promise<void> {
  const credentials = Buffer.from(`${settings.ariUser}:${settings.ariPassword.reveal()}`).toString('base64');
  const host = settings.httpAddress.includes(':') ? `[${settings.httpAddress}]` : settings.httpAddress;
  const url = `http://${host}:${settings.httpPort}/ari/asterisk/ping`;
  for (const giveUpAt = Date.now() + bootLimit; Date.now() < giveUpAt; await pause(50, undefined, { signal })) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('the process has ended');
    const answer = await fetch(url, {
      headers: { authorization: `Basic ${credentials}` },
      signal: AbortSignal.timeout(2_000),
    }).catch(() => undefined);
    if (answer?.ok === true) return;
  }
  throw new Error('the time limit has passed');
}

async function end(child: ChildProcess, ended: Promise<void>): Promise<void> {
  child.kill('SIGTERM');
  const kill = setTimeout(() => child.kill('SIGKILL'), stopLimit);
  await ended;
  clearTimeout(kill);
}
