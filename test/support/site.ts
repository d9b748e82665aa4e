import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PrivateAsterisk } from '../../src/asterisk/private/privateAsterisk.ts';
import { readConfig, type Config } from '../../src/config.ts';
import type { Secret } from '../../src/domain/secret.ts';
import { freePorts } from './freePorts.ts';
import {
  makeDatabase,
  runCli,
  PASSWORD,
  RTP_PORTS,
  selfprovProcess,
  startAsteriskOf,
  type SelfprovProcess,
} from './selfprovProcess.ts';
import { postgres } from './testDatabase.ts';
import { consoleOf, theAsterisk } from './theAsterisk.ts';

/** One process of selfprov, and what phones that are set up by it are told: the SIP server of the Asterisk of the same name. */
export interface SiteProcess extends SelfprovProcess {
  readonly app: string;
  readonly url: string;
}

export interface SiteAsterisk {
  readonly name: string;
  readonly sipPort: number;
  kill(signal: NodeJS.Signals): void;
  start(): Promise<void>;
  console(command: string): Promise<string>;
}

/** Several processes of selfprov and several Asterisks, on one PostgreSQL. */
export interface Site {
  readonly processes: readonly [SiteProcess, SiteProcess];
  readonly asterisks: readonly [SiteAsterisk, SiteAsterisk];
  /** For another process on the same database, which reaches it directly. */
  readonly config: Config;
  cli<T = unknown>(...args: readonly string[]): Promise<T>;
  /** Adds a user and gives back the PIN that was printed. */
  addUser(extension: string, name: string): Promise<string>;
  steps(mac: string): Promise<readonly string[]>;
  close(): Promise<void>;
}

const NAMES = ['a', 'b'] as const;

interface Between {
  /** Port of what all of them reach PostgreSQL through. */
  readonly database?: number;
  /** Port that phones are told which the first process sets up. */
  readonly sip?: number;
}

/** Two of each. `environment` adds settings; `between`: what stands in between, on 127.0.0.1. */
export async function startSite(
  environment: Readonly<Record<string, string>> = {},
  between: Between = {},
): Promise<Site> {
  const directory = await mkdtemp(join(tmpdir(), 'selfprov-site-'));
  const database = await (await postgres()).newDatabase();
  const ports = await Promise.all(NAMES.map(() => freePorts(6)));
  const rtp = await Promise.all(NAMES.map(() => freePorts(RTP_PORTS)));
  const apps = NAMES.map((_, at) => `selfprov-${at + 1}`);
  const shared = {
    PATH: process.env['PATH'] ?? '',
    SELFPROV_DIR: directory,
    SELFPROV_DATABASE_URL: atPort(database, between.database),
    SELFPROV_HOST: '127.0.0.1',
    SELFPROV_APPS: apps.join(','),
    SELFPROV_APP: apps[0] ?? '',
    SELFPROV_ASTERISKS: NAMES.join(','),
    SELFPROV_ARI_URL: ports.map(([, , , , ari]) => `http://127.0.0.1:${ari}`).join(','),
    SELFPROV_ARI_PASSWORD: PASSWORD,
    SELFPROV_AMI_HOST: ports.map(([, , , , , ami]) => `127.0.0.1:${ami}`).join(','),
    SELFPROV_AMI_PASSWORD: PASSWORD,
    SELFPROV_SIP_PEERS: ports.map(([, , sip]) => `127.0.0.1:${sip}`).join(','),
    ...environment,
  };
  const installation = await theAsterisk();
  const cli = <T>(...args: readonly string[]): Promise<T> => runCli<T>(shared, args);

  function processAt(at: 0 | 1): SiteProcess {
    const [http = 0, admin = 0, sip = 0] = ports[at] ?? [];
    const app = apps[at] ?? '';
    const env = {
      ...shared,
      SELFPROV_APP: app,
      SELFPROV_PORT: String(http),
      SELFPROV_ADMIN_PORT: String(admin),
      SELFPROV_SIP_PORT: String(at === 0 ? (between.sip ?? sip) : sip),
    };
    return {
      ...selfprovProcess(env, `http://127.0.0.1:${admin}`),
      app,
      url: `http://127.0.0.1:${http}/`,
    };
  }

  const running = new Map<number, PrivateAsterisk>();
  function asteriskAt(at: 0 | 1): SiteAsterisk {
    const [, , sip = 0] = ports[at] ?? [];
    const etc = join(directory, `asterisk-${NAMES[at]}/etc`);
    return {
      name: NAMES[at],
      sipPort: sip,
      kill: (signal) => running.get(at)?.kill(signal),
      async start() {
        const rtpFirst = rtp[at]?.[0] ?? 0;
        running.set(
          at,
          await startAsteriskOf({ env: shared, installation, directory: join(etc, '..'), sip, rtpFirst, at }),
        );
      },
      console: (line) => consoleOf(installation, etc, line),
    };
  }

  const site: Site = {
    processes: [processAt(0), processAt(1)],
    asterisks: [asteriskAt(0), asteriskAt(1)],
    config: readConfig({ ...shared, SELFPROV_DATABASE_URL: database.reveal() }),
    cli,
    addUser: async (extension, name) => (await cli<{ pin: string }>('user', 'add', extension, '--name', name)).pin,
    steps: async (mac) =>
      (await cli<{ events: { step: string }[] }>('device', 'show', mac)).events.map(({ step }) => step),
    async close() {
      await Promise.all(site.processes.map((each) => each.stop('SIGTERM')));
      await Promise.all([...running.values()].map((each) => each.close()));
      await (await postgres()).dropDatabase(database);
      await rm(directory, { recursive: true, force: true });
    },
  };
  try {
    await makeDatabase(shared);
    for (const asterisk of site.asterisks) await asterisk.start();
    await Promise.all(site.processes.map((each) => each.start()));
    return site;
  } catch (error) {
    await site.close();
    throw error;
  }
}

function atPort(database: Secret, port: number | undefined): string {
  const url = new URL(database.reveal());
  if (port !== undefined) url.port = String(port);
  return url.href;
}
