import knex, { type Knex } from 'knex';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Core } from '../../src/administration/core.ts';
import { HAND_OVER_TIMES } from '../../src/domain/handOver.ts';
import type { Ports } from '../../src/provisioning/ports.ts';
import { watchRegistrations } from '../../src/provisioning/handOver/registrationWatch.ts';
import { secrets } from '../../src/secrets/secrets.ts';
import { siteKey } from '../../src/secrets/siteKey.ts';
import { openStore, type OpenStore } from '../../src/store/open.ts';
import type { FirstTenant } from '../../src/store/seed.ts';
import { fakeRegistrar, type FakeRegistrar } from './fakeRegistrar.ts';
import { dropDatabase, newDatabase } from './testDatabase.ts';

export const FIRST_TENANT: FirstTenant = {
  extension: '*55',
  releaseExtension: '*56',
  numberExtension: '*57',
  emergencyNumbers: ['112', '911'],
  language: 'en',
  timeZone: 'Europe/Berlin',
  context: 'users',
};

/** PINs are hashed as they are, but nobody is kept waiting for a refusal. */
const AT_ONCE = { now: () => 0, pause: () => Promise.resolve() };

/** The product's store in a folder of its own, with a clock that the test sets and a registrar like Asterisk's. */
export interface TestCore extends OpenStore, Core, Ports {
  readonly registrar: FakeRegistrar;
  readonly directory: string;
  readonly database: string;
  /** Where another process opens the same. */
  readonly place: Parameters<typeof openStore>[0];
  /** A connection of its own to the same database, as Asterisk has one; to be destroyed. */
  connect(): Knex;
  /** A phone has proven to be this endpoint, from this place. */
  heard(endpoint: string, place: string): void;
  /** Moves the clock on, in milliseconds. */
  pass(ms: number): void;
}

/** `onEvent` hears of every event that is committed. */
export async function openTestCore(onEvent?: Parameters<typeof openStore>[2]): Promise<TestCore> {
  const directory = mkdtempSync(join(tmpdir(), 'selfprov-test-'));
  const database = join(directory, 'selfprov.sqlite');
  const url = await newDatabase();
  const place = { database: url === undefined ? { file: database } : { url }, siteKey: join(directory, 'site.key') };
  const opened = await openStore(place, FIRST_TENANT, onEvent);
  let now = Date.UTC(2026, 0, 5, 8);
  const reached = { ...opened, registrar: fakeRegistrar(opened.store, () => now) };
  const watch = watchRegistrations({ ...reached, times: HAND_OVER_TIMES, now: () => now });
  reached.registrar.onAuthenticated = watch.heard;
  return {
    ...reached,
    ...watch,
    secrets: secrets(siteKey(place.siteKey), AT_ONCE),
    knowsAll: () => true,
    hasCaughtUp: () => true,
    portsOf: () => 1,
    linesOf: () => 16,
    checkSyncOf: () => ({ event: 'check-sync', contentType: null, body: null }),
    connect: () =>
      url === undefined
        ? knex({ client: 'better-sqlite3', connection: { filename: database }, useNullAsDefault: true })
        : knex({ client: 'pg', connection: url.reveal() }),
    directory,
    database,
    place,
    times: HAND_OVER_TIMES,
    now: () => now,
    wake: () => undefined,
    actor: 'test',
    languages: ['en'],
    pass(ms) {
      now += ms;
    },
    async close() {
      await opened.close();
      await dropDatabase(url);
      rmSync(directory, { recursive: true });
    },
  };
}
