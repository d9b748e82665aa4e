import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PrivateAsterisk } from '../../src/asterisk/private/privateAsterisk.ts';
import { freePorts } from './freePorts.ts';
import {
  PROGRAM,
  environmentOf,
  makeDatabase,
  PASSWORD,
  RTP_PORTS,
  runCli,
  selfprovProcess,
  startAsteriskOf,
  type LogLine,
} from './selfprovProcess.ts';
import { dropDatabase, newDatabase } from './testDatabase.ts';
import { consoleOf, theAsterisk } from './theAsterisk.ts';

/** selfprov as an administrator runs it, beside a real Asterisk: its processes, its command, its log. */
export interface Product {
  /** What phones are told. */
  readonly url: string;
  readonly adminUrl: string;
  readonly database: string;
  /** What its processes and its command are told. */
  readonly environment: Readonly<Record<string, string>>;
  /** WebSocket address of Asterisk's events, with credentials. */
  readonly ariEvents: string;
  readonly sipPort: number;
  readonly asterisk: () => PrivateAsterisk;
  /** Asterisk's own configuration files. */
  readonly asteriskFiles: string;
  /** One command of Asterisk's console; its output. */
  console(command: string): Promise<string>;
  /** `selfprov --json …`; rejects with what it printed when it fails. */
  cli<T = unknown>(...args: readonly string[]): Promise<T>;
  /** Adds a user and gives back the PIN that was printed. */
  addUser(extension: string, name: string, tenant?: string): Promise<string>;
  /** Names of the steps in the device's time-line, oldest first. */
  steps(mac: string): Promise<readonly string[]>;
  log(): Promise<readonly LogLine[]>;
  /** Ends selfprov as told and waits until it is gone. */
  stop(signal: NodeJS.Signals): Promise<void>;
  start(): Promise<void>;
  /** Asks selfprov to read the templates again. */
  reload(): void;
  killAsterisk(): Promise<void>;
  startAsterisk(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts both with a new database. `environment` adds settings, for example shorter pauses; `prepare` is what an administrator
 * does before, Asterisk reads tenants only when it starts; `program` is what serves.
 */
export async function startProduct(
  environment: Readonly<Record<string, string>> = {},
  prepare: (product: Pick<Product, 'cli' | 'url'>) => Promise<unknown> = () => Promise.resolve(),
  program = PROGRAM,
): Promise<Product> {
  const directory = await mkdtemp(join(tmpdir(), 'selfprov-e2e-'));
  const [http = 0, admin = 0, sip = 0, , ari = 0, ami = 0] = await freePorts(6);
  const [rtpFirst = 0] = await freePorts(RTP_PORTS);
  const database = join(directory, 'selfprov.sqlite');
  const databaseUrl = await newDatabase();
  const env = {
    ...environmentOf({ directory, http, admin, sip, databaseUrl }),
    SELFPROV_ARI_URL: `http://127.0.0.1:${ari}`,
    SELFPROV_AMI_PORT: String(ami),
    ...environment,
  };
  const adminUrl = `http://127.0.0.1:${admin}`;
  const installation = await theAsterisk();

  const startAsterisk = (): Promise<PrivateAsterisk> =>
    startAsteriskOf({ env, installation, directory: join(directory, 'asterisk'), sip, rtpFirst });

  const asteriskFiles = join(directory, 'asterisk/etc');
  const cli = <T>(...args: readonly string[]): Promise<T> => runCli<T>(env, args);

  const selfprov = selfprovProcess(env, adminUrl, program);

  let asterisk: PrivateAsterisk | undefined;
  const product: Product = {
    url: `http://127.0.0.1:${http}/`,
    adminUrl,
    database,
    environment: env,
    ariEvents: `ws://127.0.0.1:${ari}/ari/events?api_key=selfprov:${PASSWORD}`,
    sipPort: sip,
    asteriskFiles,
    console: (command) => consoleOf(installation, asteriskFiles, command),
    cli,
    start: selfprov.start,
    stop: selfprov.stop,
    reload: selfprov.reload,
    asterisk() {
      if (asterisk === undefined) throw new Error('Asterisk is not running');
      return asterisk;
    },
    addUser: async (extension, name, tenant = 'default') =>
      (await cli<{ pin: string }>('--tenant', tenant, 'user', 'add', extension, '--name', name)).pin,
    steps: async (mac) =>
      (await cli<{ events: { step: string }[] }>('device', 'show', mac)).events.map(({ step }) => step),
    log: selfprov.log,
    async killAsterisk() {
      product.asterisk().kill('SIGKILL');
      await product.asterisk().ended;
    },
    async startAsterisk() {
      asterisk = await startAsterisk();
    },
    async close() {
      await selfprov.stop('SIGTERM');
      await asterisk?.close();
      await dropDatabase(databaseUrl);
      await rm(directory, { recursive: true, force: true });
    },
  };
  try {
    await makeDatabase(env);
    await prepare(product);
    await product.startAsterisk();
    await selfprov.start();
    return product;
  } catch (error) {
    const log = await readFile(join(directory, 'asterisk/log/console.log'), 'utf8').catch(() => '');
    await product.close();
    throw new Error(`the product did not start; Asterisk says:\n${log.slice(-2000)}`, { cause: error });
  }
}
