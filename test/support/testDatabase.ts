import type { Secret } from '../../src/domain/secret.ts';
import { databasePool, type DatabasePool } from './databasePool.ts';
import { startPostgres, type Postgres } from './postgres.ts';

/** `SELFPROV_TEST_DATABASE=postgresql` has the same tests run on PostgreSQL. */
export const ON_POSTGRES = process.env['SELFPROV_TEST_DATABASE'] === 'postgresql';

let server: Promise<Postgres> | undefined;
let pool: Promise<DatabasePool> | undefined;

/** One server for all tests of a process. */
export function postgres(): Promise<Postgres> {
  return (server ??= startPostgres());
}

/** After the last test. */
export async function closePostgres(): Promise<void> {
  await (await server)?.close();
}

/** Databases of PostgreSQL with our schema, whatever the tests run on. */
export function databases(): Promise<DatabasePool> {
  return (pool ??= postgres().then(databasePool));
}

/** A new database of the engine that the tests run on; `undefined` stands for a SQLite file. */
export async function newDatabase(): Promise<Secret | undefined> {
  return ON_POSTGRES ? (await databases()).take() : undefined;
}

export async function dropDatabase(url: Secret | undefined): Promise<void> {
  if (url !== undefined) await (await databases()).giveBack(url);
}
