import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { Secret } from '../../src/domain/secret.ts';
import { freePorts } from './freePorts.ts';
import { waitFor } from './wait.ts';

/** PostgreSQL refuses to run as root; then it runs as nobody. */
const NOBODY = 65_534;
const AS = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

/** A PostgreSQL server of this process alone, in a temporary folder, on loopback. */
export interface Postgres {
  readonly port: number;
  /** A new database, like `template` or empty; its URL. */
  newDatabase(template?: Secret): Promise<Secret>;
  dropDatabase(url: Secret): Promise<void>;
  /** Ends it: `fast` as an administrator does, `kill` as a crash. */
  stop(how: 'fast' | 'kill'): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

/** Name of a role that does not get in without its password. */
export const WITH_PASSWORD = 'with_password';

/** `isDurable`: it writes down what is committed before it says so, as Debian's does; no test looks at what a crash of this machine costs. */
export async function startPostgres({ isDurable = false } = {}): Promise<Postgres> {
  const bin = binaries();
  const directory = mkdtempSync(join(tmpdir(), 'selfprov-postgres-'));
  if ('uid' in AS) chownSync(directory, NOBODY, NOBODY);
  const data = join(directory, 'data');
  const [port = 0] = await freePorts(1);
  const made = ['-D', data, '-U', 'selfprov', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
  await promisify(execFile)(join(bin, 'initdb'), made, { ...AS, cwd: directory });

  // Who may come without a password, and who may not.
  writeFileSync(
    join(data, 'pg_hba.conf'),
    `host all ${WITH_PASSWORD} 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n`,
  );
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    ...(isDurable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
    max_connections: '200',
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  let server: ChildProcess | undefined;
  const urlOf = (name: string): string => `postgresql://selfprov@127.0.0.1:${port}/${name}`;
  async function asked<T>(statement: string): Promise<T[]> {
    const client = new pg.Client({ connectionString: urlOf('postgres'), connectionTimeoutMillis: 2000 });
    // A server that ends tells each connection.
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query(statement)).rows as T[];
    } finally {
      await client.end();
    }
  }

  let number = 0;
  const postgres: Postgres = {
    port,
    async newDatabase(template) {
      const name = `test_${++number}`;
      await asked(`CREATE DATABASE ${name} TEMPLATE ${template === undefined ? 'template0' : nameOf(template)}`);
      return new Secret(urlOf(name));
    },
    async dropDatabase(url) {
      await asked(`DROP DATABASE ${nameOf(url)} WITH (FORCE)`);
    },
    async start() {
      // The kernel ends it when we are gone without having closed it.
      const bound = ['--pdeathsig', 'QUIT', '--', join(bin, 'postgres')];
      server = spawn('setpriv', [...bound, '-D', data, '-p', String(port), ...options], {
        ...AS,
        cwd: directory,
        stdio: 'ignore',
      });
      await waitFor(
        () =>
          asked('SELECT 1').then(
            () => true,
            () => false,
          ),
        { what: 'PostgreSQL', limit: 20_000 },
      );
    },
    async stop(how) {
      if (server === undefined) return;
      const ended = once(server, 'exit');
      server.kill(how === 'fast' ? 'SIGINT' : 'SIGQUIT');
      await ended;
      server = undefined;
    },
    async close() {
      await postgres.stop('kill');
      await rm(directory, { recursive: true, force: true });
    },
  };
  await postgres.start();
  return postgres;
}

function nameOf(url: Secret): string {
  return new URL(url.reveal()).pathname.slice(1);
}

/** Of the newest version that Debian's packages have brought. */
function binaries(): string {
  const all = '/usr/lib/postgresql';
  const versions = readdirSync(all).filter((version) => existsSync(join(all, version, 'bin/initdb')));
  const [newest] = versions.toSorted((one, other) => Number(other) - Number(one));
  if (newest === undefined) throw new Error(`there is no PostgreSQL in ${all}`);
  return join(all, newest, 'bin');
}
