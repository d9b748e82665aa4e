import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabasePlace } from '../../src/domain/databasePlace.ts';
import type { Secret } from '../../src/domain/secret.ts';
import { moveDatabase } from '../../src/store/move/moveDatabase.ts';
import { past } from '../../test/support/connectTo.ts';
import { openTestCoreOn } from '../../test/support/core.ts';
import { startPostgres, type Postgres } from '../../test/support/postgres.ts';
import { fill, type KnownPhone } from './fill.ts';

export const ENGINES = ['SQLite', 'PostgreSQL'] as const;
export type EngineName = (typeof ENGINES)[number];

/** A database that is filled, for one part of the bench alone. */
export interface Database {
  readonly place: DatabasePlace;
  /** What a process of selfprov is told of it. */
  readonly environment: Readonly<Record<string, string>>;
  readonly phones: readonly KnownPhone[];
  close(): Promise<void>;
}

export interface Databases {
  of(engine: EngineName, devices: number): Promise<Database>;
  close(): Promise<void>;
}

interface Model {
  readonly directory: string;
  readonly phones: readonly KnownPhone[];
}

/** Each size is filled once, and copied. What is in PostgreSQL has been moved there as an administrator does. */
export function databases(): Databases {
  const models = new Map<number, Promise<Model>>();
  const moved = new Map<number, Promise<Secret>>();
  let server: Promise<Postgres> | undefined;
  const postgres = (): Promise<Postgres> => (server ??= startPostgres({ isDurable: true }));

  function modelOf(devices: number): Promise<Model> {
    const found = models.get(devices) ?? makeModel(devices);
    models.set(devices, found);
    return found;
  }

  async function move(devices: number): Promise<Secret> {
    const { directory } = await modelOf(devices);
    const url = await (await postgres()).newDatabase();
    await moveDatabase(join(directory, 'selfprov.sqlite'), url, join(directory, 'site.key'));
    // As autovacuum does it after a while.
    await past({ url }, (database) => database.raw('VACUUM ANALYZE'));
    return url;
  }

  function movedOf(devices: number): Promise<Secret> {
    const found = moved.get(devices) ?? move(devices);
    moved.set(devices, found);
    return found;
  }

  return {
    async of(engine, devices) {
      const { directory: from, phones } = await modelOf(devices);
      const directory = mkdtempSync(join(tmpdir(), 'selfprov-figures-'));
      const url = engine === 'SQLite' ? undefined : await (await postgres()).newDatabase(await movedOf(devices));
      for (const file of ['site.key', ...(url === undefined ? ['selfprov.sqlite'] : [])])
        cpSync(join(from, file), join(directory, file));
      return {
        phones,
        place: url === undefined ? { file: join(directory, 'selfprov.sqlite') } : { url },
        environment: {
          SELFPROV_DIR: directory,
          ...(url === undefined ? {} : { SELFPROV_DATABASE_URL: url.reveal() }),
        },
        async close() {
          if (url !== undefined) await (await postgres()).dropDatabase(url);
          rmSync(directory, { recursive: true, force: true });
        },
      };
    },
    async close() {
      for (const model of models.values()) rmSync((await model).directory, { recursive: true, force: true });
      await (await server)?.close();
    },
  };
}

async function makeModel(devices: number): Promise<Model> {
  const core = await openTestCoreOn(undefined);
  const phones = await fill(core, devices);
  await core.leave();
  // The last to close it only reads, and leaves what was written beside the file.
  await past(core.place.database, (database) => database.raw('PRAGMA wal_checkpoint(TRUNCATE)'));
  return { directory: core.directory, phones };
}
