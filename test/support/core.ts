import type { Knex } from 'knex';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Core } from '../../src/administration/core.ts';
import type { DatabasePlace } from '../../src/domain/databasePlace.ts';
import { HAND_OVER_TIMES } from '../../src/domain/handOver.ts';
import type { Secret } from '../../src/domain/secret.ts';
import type { Ports } from '../../src/provisioning/ports.ts';
import { watchRegistrations } from '../../src/provisioning/handOver/registrationWatch.ts';
import { secrets } from '../../src/secrets/secrets.ts';
import { siteKey } from '../../src/secrets/siteKey.ts';
import { openStore, type OpenStore } from '../../src/store/open.ts';
import type { FirstTenant } from '../../src/store/seed.ts';
import { fakeRegistrar, type FakeRegistrar } from './fakeRegistrar.ts';
import { connectTo } from './connectTo.ts';
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
  /** Where another process opens the same. */
  readonly place: { readonly database: DatabasePlace; readonly siteKey: string };
  /** Settings with which a process of selfprov has it too. */
  readonly environment: Readonly<Record<string, string>>;
  /** A connection of its own to the same database, as Asterisk has one; to be destroyed. */
  connect(): Knex;
  /** A phone has proven to be this endpoint, from this place. */
  heard(endpoint: string, place: string): void;
  /** Closes the database, which stays with its site key in `directory` or wherever it is. */
  leave(): Promise<void>;
  /** Moves the clock on, in milliseconds. */
  pass(ms: number): void;
}

type OnEvent = Parameters<typeof openStore>[2];
type OnTransaction = Parameters<typeof openStore>[3];

/** `onEvent` hears of every event that is committed, `onTransaction` of every transaction. */
export async function openTestCore(onEvent?: OnEvent, onTransaction?: OnTransaction): Promise<TestCore> {
  return openTestCoreOn(await newDatabase(), onEvent, onTransaction);
}

/** The same in a database of PostgreSQL from the pool of the tests, or in a SQLite file. */
export async function openTestCoreOn(
  url: Secret | undefined,
  onEvent?: OnEvent,
  onTransaction?: OnTransaction,
): Promise<TestCore> {
  const directory = mkdtempSync(join(tmpdir(), 'selfprov-test-'));
  const database = url === undefined ? { file: join(directory, 'selfprov.sqlite') } : { url };
  const place = { database, siteKey: join(directory, 'site.key') };
  const opened = await openStore(place, FIRST_TENANT, onEvent, onTransaction);
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
    checkSyncOf: (_family, what) => ({
      event: what === 'reboot' ? 'check-sync;reboot=true' : 'check-sync',
      ...{ contentType: null, body: null },
    }),
    connect: () => connectTo(database),
    directory,
    environment: {
      SELFPROV_DIR: directory,
      ...(url === undefined ? {} : { SELFPROV_DATABASE_URL: url.reveal() }),
    },
    place,
    times: HAND_OVER_TIMES,
    now: () => now,
    wake: () => undefined,
    actor: 'test',
    languages: ['en'],
    pass(ms) {
      now += ms;
    },
    leave: opened.close,
    async close() {
      await opened.close();
      await dropDatabase(url);
      rmSync(directory, { recursive: true });
    },
  };
}
