import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import pg from 'pg';
import type { PrivateAsterisk } from '../../src/asterisk/private/privateAsterisk.ts';
import { readConfig } from '../../src/config.ts';
import { openCore } from '../../src/core.ts';
import type { Core } from '../../src/administration/core.ts';
import type { Secret } from '../../src/domain/secret.ts';
import { freePorts } from '../../test/support/freePorts.ts';
import { manyUsersWithPhones } from '../../test/support/manyDevices.ts';
import {
  BUILT,
  environmentOf,
  RTP_PORTS,
  selfprovProcess,
  startAsteriskOf,
  type SelfprovProcess,
} from '../../test/support/selfprovProcess.ts';
import { postgres } from '../../test/support/testDatabase.ts';
import { theAsterisk } from '../../test/support/theAsterisk.ts';

const VIEWS = ['ps_endpoints', 'ps_auths', 'ps_aors'] as const;

export interface Account {
  readonly at: number;
  readonly aor: string;
  readonly authName: string;
  readonly password: string;
}

/** Asterisks on one database with users who have a phone each. Nothing is started. */
export interface Registrars {
  readonly name: string;
  readonly accounts: readonly Account[];
  readonly asterisks: readonly {
    readonly directory: string;
    readonly sipPort: number;
    start(): Promise<PrivateAsterisk>;
  }[];
  readonly selfprov: SelfprovProcess;
  /** What Asterisk reads is a copy, a table with a key each. */
  usePlainTables(): Promise<void>;
  useViews(): Promise<void>;
  /** How many phones selfprov knows to be registered. */
  known(): Promise<number>;
  close(): Promise<void>;
}

interface Wanted {
  readonly engine: 'PostgreSQL' | 'SQLite';
  readonly asterisks: 1 | 2;
  readonly phones: number;
}

export async function registrarsOf({ engine, asterisks: count, phones }: Wanted): Promise<Registrars> {
  const directory = await mkdtemp(join(tmpdir(), 'selfprov-bench-'));
  const url = engine === 'SQLite' ? undefined : await (await postgres()).newDatabase();
  const names = ['a', 'b'].slice(0, count);
  const [http = 0, admin = 0] = await freePorts(2);
  const ports = await Promise.all(names.map(() => freePorts(4)));
  const rtp = await Promise.all(names.map(() => freePorts(RTP_PORTS)));
  const local = (at: 0 | 2 | 3): string => ports.map((its) => `127.0.0.1:${its[at] ?? 0}`).join(',');
  const several = {
    SELFPROV_ASTERISKS: names.join(','),
    SELFPROV_AMI_HOST: local(3),
    SELFPROV_SIP_PEERS: local(0),
  };
  const env = {
    ...environmentOf({ directory, http, admin, sip: ports[0]?.[0] ?? 0, databaseUrl: url }),
    SELFPROV_ARI_URL: ports.map(([, , ari]) => `http://127.0.0.1:${ari}`).join(','),
    ...(count > 1 ? several : { SELFPROV_AMI_PORT: String(ports[0]?.[3]) }),
  };
  const installation = await theAsterisk();
  const core = await openCore(readConfig(env));
  const accounts = await seed(core, phones);
  const database = url === undefined ? sqlite(join(directory, 'selfprov.sqlite')) : onServer(url);
  let definitions: readonly string[] = [];
  return {
    name: `${count === 1 ? phones : `${count} × ${phones / count}`} phones, ${engine}`,
    accounts,
    asterisks: names.map((name, at) => ({
      directory: join(directory, `asterisk-${name}`),
      sipPort: ports[at]?.[0] ?? 0,
      start: () =>
        startAsteriskOf({
          ...{ env, installation, at, directory: join(directory, `asterisk-${name}`) },
          ...{ sip: ports[at]?.[0] ?? 0, rtpFirst: rtp[at]?.[0] ?? 0 },
        }),
    })),
    selfprov: selfprovProcess(env, `http://127.0.0.1:${admin}`, BUILT),
    async usePlainTables() {
      definitions = await Promise.all(VIEWS.map((view) => database.definition(view)));
      for (const view of VIEWS) {
        await database.run(`CREATE TABLE plain_${view} AS SELECT * FROM ${view}`);
        await database.run(`DROP VIEW ${view}`);
        await database.run(`ALTER TABLE plain_${view} RENAME TO ${view}`);
        await database.run(`CREATE UNIQUE INDEX plain_${view}_id ON ${view} (id)`);
      }
      await database.run('ANALYZE');
    },
    async useViews() {
      for (const [at, view] of VIEWS.entries()) {
        await database.run(`DROP TABLE ${view}`);
        await database.run(definitions[at] ?? '');
      }
    },
    known: async () => (await core.store.knownRegistrations()).filter(({ contact }) => contact !== null).length,
    async close() {
      await core.close();
      await database.close();
      if (url !== undefined) await (await postgres()).dropDatabase(url);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function seed(core: Core, phones: number): Promise<readonly Account[]> {
  const accounts: Account[] = [];
  for (const [at, { mac }] of (await manyUsersWithPhones(core, phones)).entries()) {
    for (const { endpoint: aor, authName, secret } of await core.store.lines(mac))
      accounts.push({ at, aor, authName, password: secret.reveal() });
  }
  return accounts;
}

interface Statements {
  run(statement: string): Promise<unknown>;
  /** The statement that makes a view. */
  definition(view: string): Promise<string>;
  close(): Promise<unknown>;
}

function sqlite(file: string): Statements {
  const database = new Database(file);
  return {
    run: async (statement) => database.exec(statement),
    definition: async (view) =>
      String(database.prepare('SELECT sql FROM sqlite_master WHERE name = ?').pluck().get(view)),
    close: async () => database.close(),
  };
}

function onServer(url: Secret): Statements {
  const pool = new pg.Pool({ connectionString: url.reveal(), max: 1 });
  pool.on('error', () => undefined);
  return {
    run: (statement) => pool.query(statement),
    definition: async (view) => {
      const { rows } = await pool.query<{ said: string }>('SELECT pg_get_viewdef($1::regclass) AS said', [view]);
      return `CREATE VIEW ${view} AS ${rows[0]?.said ?? ''}`;
    },
    close: () => pool.end(),
  };
}
