import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { AsteriskInstallation } from '../../src/asterisk/private/findAsterisk.ts';
import { startPrivateAsterisk, type PrivateAsterisk } from '../../src/asterisk/private/privateAsterisk.ts';
import { asteriskSettings } from '../../src/asteriskSettings.ts';
import { ownCertificate } from '../../src/certificates/ownCertificate.ts';
import { readConfig } from '../../src/config.ts';
import { openCore } from '../../src/core.ts';
import { Secret } from '../../src/domain/secret.ts';
import { privatePlace } from '../../src/ownAsterisk.ts';
import { packageRoot } from '../../src/packageRoot.ts';
import { fromJson } from './fromJson.ts';
import { waitFor } from './wait.ts';

/** Of the length that selfprov generates: Asterisk reads credentials of other lengths more kindly. */
export const PASSWORD = 'onlyForThisTest123456789';
/** Four a call. */
export const RTP_PORTS = 80;

/** One line of selfprov's log. */
export type LogLine = Readonly<Record<string, unknown>>;

/** A command and what comes before its own words. */
export type Program = readonly [string, ...string[]];

/** Wherever it is started from. `import.meta.resolve` would have this file, and all that imports it, loaded apart from mocha's hooks. */
const FROM_SOURCE: Program = [
  process.execPath,
  '--import',
  pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href,
  join(packageRoot, 'src/main.ts'),
];
/** As it is shipped, once it has been built. */
export const BUILT: Program = [join(packageRoot, 'bin/selfprov')];
/** The source as it is, unless the environment says that it has been built: that one starts four times as fast. */
export const PROGRAM = process.env['SELFPROV_TEST_BUILT'] === '1' ? BUILT : FROM_SOURCE;

export type Environment = Readonly<Record<string, string>>;

/** What every process of a test is told: where it is, and on loopback at which ports. */
export function environmentOf({
  directory,
  http,
  admin,
  sip,
  databaseUrl,
}: {
  readonly directory: string;
  readonly http: number;
  readonly admin: number;
  readonly sip: number;
  readonly databaseUrl: Secret | undefined;
}): Environment & { readonly PATH: string } {
  return {
    PATH: process.env['PATH'] ?? '',
    SELFPROV_DIR: directory,
    SELFPROV_HOST: '127.0.0.1',
    SELFPROV_PORT: String(http),
    SELFPROV_ADMIN_PORT: String(admin),
    SELFPROV_SIP_PORT: String(sip),
    SELFPROV_ARI_PASSWORD: PASSWORD,
    SELFPROV_AMI_PASSWORD: PASSWORD,
    ...(databaseUrl === undefined ? {} : { SELFPROV_DATABASE_URL: databaseUrl.reveal() }),
  };
}

/** `selfprov serve` in a process of its own. */
export interface SelfprovProcess {
  readonly pid: () => number;
  /** Resolves when it is well. */
  start(): Promise<void>;
  /** Ends it as told and waits until it is gone. */
  stop(signal: NodeJS.Signals): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  reload(): void;
  log(): Promise<readonly LogLine[]>;
}

export function selfprovProcess(
  env: Environment,
  adminUrl: string,
  [command, ...before]: Program = PROGRAM,
): SelfprovProcess {
  let output = '';
  let selfprov: ChildProcess | undefined;
  return {
    pid: () => selfprov?.pid ?? 0,
    async start() {
      const child = spawn(command, [...before, 'serve'], {
        env,
        cwd: packageRoot,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      selfprov = child;
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (data: Buffer) => (output += data.toString()));
      await waitFor(async () => child.exitCode !== null || (await fetch(`${adminUrl}/healthz`)).ok, {
        what: () => `selfprov being well:\n${output.slice(-3000)}`,
        limit: 20_000,
        every: 50,
      });
      if (child.exitCode !== null) throw new Error(`selfprov ended:\n${output.slice(-3000)}`);
    },
    async stop(signal) {
      if (selfprov === undefined || selfprov.exitCode !== null || selfprov.signalCode !== null) return;
      const gone = once(selfprov, 'exit');
      selfprov.kill(signal);
      await gone;
    },
    signal: (signal) => void selfprov?.kill(signal),
    reload: () => void selfprov?.kill('SIGHUP'),
    log: () =>
      Promise.resolve(
        output
          .split('\n')
          .filter((line) => line.startsWith('{'))
          .map((line) => JSON.parse(line) as LogLine),
      ),
  };
}

/** Makes the database of this environment, as the first start does. */
export async function makeDatabase(env: Environment): Promise<void> {
  await (await openCore(readConfig(env))).close();
}

/** `selfprov --json …` in this environment, without questions; rejects with what it printed when it fails. */
export async function runCli<T>(env: Environment, args: readonly string[]): Promise<T> {
  const [command, ...before] = PROGRAM;
  const yes = args[1] === 'remove' ? ['--yes'] : [];
  const { stdout } = await promisify(execFile)(command, [...before, '--json', ...args, ...yes], {
    env,
    cwd: packageRoot,
  });
  return fromJson<T>(stdout);
}

/** A private Asterisk for this environment, which names one; on loopback. */
export async function startAsteriskOf({
  env,
  installation,
  directory,
  sip,
  rtpFirst,
  at = 0,
}: {
  readonly env: Environment;
  readonly installation: AsteriskInstallation;
  readonly directory: string;
  readonly sip: number;
  readonly rtpFirst: number;
  /** Of several, which one. */
  readonly at?: number;
}): Promise<PrivateAsterisk> {
  const password = new Secret(PASSWORD);
  const config = readConfig(env);
  const place = config.asterisks[at] ?? config.asterisks[0];
  return startPrivateAsterisk({
    installation,
    place: privatePlace(directory),
    settings: {
      ...(await asteriskSettings(config, { ari: password, ami: password }, place)),
      calls: RTP_PORTS / 4,
      callsPerAddress: RTP_PORTS / 4,
      sipAddress: '127.0.0.1',
      sipPort: sip,
      tlsPort: sip + 1,
      tls: await ownCertificate(join(config.directory, 'tls'), '127.0.0.1', Date.now()),
      amiAddress: '127.0.0.1',
      amiPort: place.amiPort,
      rtpFirst,
      rtpLast: rtpFirst + RTP_PORTS - 1,
      realm: 'asterisk',
    },
  });
}
