import { existsSync } from 'node:fs';
import { SelfprovError } from '../domain/errors.ts';
import type { Secrets, Store } from '../domain/ports.ts';
import type { Snapshots } from '../domain/snapshot.ts';
import type { Secret } from '../domain/secret.ts';
import { sealer } from '../secrets/sealer.ts';
import { secrets } from '../secrets/secrets.ts';
import { siteKey } from '../secrets/siteKey.ts';
import { changes } from './changes.ts';
import type { OnEvent } from './journal.ts';
import { openPostgres } from './postgres/openPostgres.ts';
import { seedTenant, type FirstTenant } from './seed.ts';
import { openSqlite } from './sqlite/openSqlite.ts';
import { snapshotsIn } from './snapshots.ts';
import { createStore } from './store.ts';

export interface OpenStore {
  readonly store: Store;
  readonly secrets: Secrets;
  /** Missing where nothing can be read without waiting. */
  readonly snapshots?: Snapshots;
  /** Resolves when the database answers; rejects otherwise. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** A SQLite file, or the URL of a PostgreSQL database (`postgresql://user:password@host/name`). */
export type DatabasePlace = { readonly file: string } | { readonly url: Secret };

/**
 * Opens the database and the site key, makes both when missing, migrates, and writes the first tenant into an empty
 * database. `onEvent` hears of every event once it is committed. Rejects with `invalid` for a database without its key.
 */
export async function openStore(
  place: { readonly database: DatabasePlace; readonly siteKey: string },
  first: FirstTenant,
  onEvent: OnEvent = () => undefined,
): Promise<OpenStore> {
  const { database, siteKey: keyFile } = place;
  const engine = await ('url' in database ? openPostgres(database.url) : openSqlite(database.file));
  try {
    const isEmpty = (await engine.database('tenants').first('id')) === undefined;
    if (!isEmpty && !existsSync(keyFile)) throw withoutKey(keyFile);
    const key = siteKey(keyFile);
    const sealing = sealer(key);
    const heard = changes();
    const store = createStore(engine, sealing, onEvent, heard.tell);
    const { reader } = engine;
    await seedTenant(store, first);
    return {
      store,
      secrets: secrets(key),
      ...(reader === undefined ? {} : { snapshots: snapshotsIn(reader, sealing, heard) }),
      async ping() {
        await engine.database.raw('SELECT 1');
      },
      close: engine.close,
    };
  } catch (error) {
    await engine.close();
    throw error;
  }
}

/** As after half a restore: a new key would fit, and read nothing. */
function withoutKey(file: string): SelfprovError {
  return new SelfprovError(
    'invalid',
    `the site key ${file} is missing, and only that one can read the secrets in the database: put it back from the backup`,
  );
}
