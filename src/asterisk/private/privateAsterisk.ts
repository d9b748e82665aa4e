import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { SelfprovError } from '../../domain/errors.ts';
import type { AsteriskInstallation } from './findAsterisk.ts';
import { checkPortsFree, type ListeningPort } from '../../network/freePorts.ts';
import { makePlace, writePrivateConfig } from './privateConfig.ts';
import type { PrivateAsteriskPlace, PrivateAsteriskSettings } from './privateConfig.ts';

/** A private Asterisk that has booted. */
export interface PrivateAsterisk {
  readonly pid: number;
  /** Resolves when the process is gone, whoever ended it. */
  readonly ended: Promise<void>;
  /** Whether it answers within two seconds. */
  answers(): Promise<boolean>;
  /** Writes its configuration anew, and has it read what can be read without dropping a call. */
  reload(settings: PrivateAsteriskSettings): Promise<void>;
  /** Has it open its log files again, after they have been moved away. */
  reopenLogs(): Promise<void>;
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

/** What is read again: dialplan, endpoints, manager, and the names of log files. */
const READ_AGAIN = ['dialplan reload', 'module reload res_pjsip.so', 'manager reload', 'logger reload'];
/** Of what it prints itself, which is next to nothing, so much is kept from one start to the next. */
const LONGEST_CONSOLE_LOG = 1_000_000;
const commandLimit = 60_000;
const bootLimit = 120_000;
const stopLimit = 5_000;
/** A Unix socket's path has 108 bytes at most, the name of Asterisk's control socket included. */
const longestRunFolder = 90;

/**
 * Starts an Asterisk of our own and resolves when it has booted. Started again in the same folder it still knows its
 * registrations. It ends when this process ends, however that happens. Refuses with `conflict` when a port is taken, with
 * `unavailable` when it ends or has not booted in two minutes; its log then says why.
 */
export async function startPrivateAsterisk(options: PrivateAsteriskOptions): Promise<PrivateAsterisk> {
  const { installation, place, settings } = options;
  await predecessorGone(place.directory, options.signal);
  await checkPortsFree(portsOf(settings));
  const run = await runFolder(place.directory);
  const whole = { ...place, run: run.path };
  const config = await makePlace(installation, whole, settings);
  const consoleLog = join(place.logs, 'console.log');
  const child = await spawnAsterisk(installation, config, consoleLog);
  await writeFile(pidFile(place.directory), `${child.pid}\n`);
  const ended = once(child, 'exit').then(() => run.remove());
  const close = (): Promise<void> => end(child, ended);
  try {
    await waitForBoot(settings, child, options.signal);
  } catch (cause) {
    await close();
    options.signal?.throwIfAborted();
    throw new SelfprovError('unavailable', `Asterisk did not start: see ${consoleLog}`, { cause });
  }
  const command = async (line: string): Promise<void> => {
    const [program, ...before] = installation.command;
    await promisify(execFile)(program, [...before, '-C', config, '-rx', line], { timeout: commandLimit });
  };
  return {
    pid: child.pid ?? 0,
    ended,
    answers: () => answers(settings),
    async reload(changed) {
      await writePrivateConfig(installation, whole, changed);
      for (const line of READ_AGAIN) await command(line);
    },
    reopenLogs: () => command('logger reload'),
    close,
    kill: (signal) => void child.kill(signal),
  };
}

/** Where a private Asterisk listens. */
export function portsOf(
  settings: Pick<
    PrivateAsteriskSettings,
    'sipAddress' | 'sipPort' | 'tlsPort' | 'httpAddress' | 'httpPort' | 'amiAddress' | 'amiPort'
  >,
  sipAddressSetting = 'SELFPROV_LISTEN',
): readonly ListeningPort[] {
  const sip = { addressSetting: sipAddressSetting, address: settings.sipAddress };
  const plain = { ...sip, setting: 'SELFPROV_SIP_PORT', what: 'SIP', port: settings.sipPort };
  const ari = { setting: 'SELFPROV_ARI_URL', addressSetting: 'SELFPROV_ARI_URL', what: 'ARI' };
  const ami = { setting: 'SELFPROV_AMI_PORT', addressSetting: 'SELFPROV_AMI_HOST', what: 'AMI' };
  return [
    { ...plain, protocol: 'udp' },
    { ...plain, protocol: 'tcp' },
    { ...sip, setting: 'SELFPROV_SIP_TLS_PORT', what: 'SIP over TLS', protocol: 'tcp', port: settings.tlsPort },
    { ...ari, protocol: 'tcp', address: settings.httpAddress, port: settings.httpPort },
    { ...ami, protocol: 'tcp', address: settings.amiAddress, port: settings.amiPort },
  ];
}

/** Waits for one that was left by a selfprov that was killed: it is ending, and holds its ports until then. */
export async function predecessorGone(directory: string, signal?: AbortSignal): Promise<void> {
  const pid = (await readFile(pidFile(directory), 'utf8').catch(() => '')).trim();
  const config = join(directory, 'etc/asterisk.conf');
  const isThere = async (): Promise<boolean> =>
    /^\d+$/.test(pid) && (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).includes(config);
  for (const giveUpAt = Date.now() + stopLimit; Date.now() < giveUpAt; await pause(50, undefined, { signal }))
    if (!(await isThere())) return;
}

const pidFile = (directory: string): string => join(directory, 'asterisk.pid');

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
  const { size } = await stat(log).catch(() => ({ size: 0 }));
  const output = await open(log, size < LONGEST_CONSOLE_LOG ? 'a' : 'w', 0o640);
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

async function waitForBoot(
  settings: PrivateAsteriskSettings,
  child: ChildProcess,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const giveUpAt = Date.now() + bootLimit; Date.now() < giveUpAt; await pause(50, undefined, { signal })) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('the process has ended');
    if (await answers(settings)) return;
  }
  throw new Error('the time limit has passed');
}

/** Asterisk's HTTP server answers 503 until everything is loaded. */
async function answers(settings: PrivateAsteriskSettings): Promise<boolean> {
  const credentials = Buffer.from(`${settings.ariUser}:${settings.ariPassword.reveal()}`).toString('base64');
  const host = settings.httpAddress.includes(':') ? `[${settings.httpAddress}]` : settings.httpAddress;
  const answer = await fetch(`http://${host}:${settings.httpPort}/ari/asterisk/ping`, {
    headers: { authorization: `Basic ${credentials}` },
    signal: AbortSignal.timeout(2_000),
  }).catch(() => undefined);
  return answer?.ok === true;
}

async function end(child: ChildProcess, ended: Promise<void>): Promise<void> {
  child.kill('SIGTERM');
  const kill = setTimeout(() => child.kill('SIGKILL'), stopLimit);
  await ended;
  clearTimeout(kill);
}
