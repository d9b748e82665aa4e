import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { SelfprovError } from '../domain/errors.ts';
import type { Secrets, Store } from '../domain/ports.ts';
import { sealer } from '../secrets/sealer.ts';
import { secrets } from '../secrets/secrets.ts';
import { siteKey } from '../secrets/siteKey.ts';
import { openDatabase } from './database.ts';
import type { OnEvent } from './journal.ts';
import { seedTenant, type FirstTenant } from './seed.ts';
import { createStore } from './store.ts';

export interface OpenStore {
  readonly store: Store;
  readonly secrets: Secrets;
  /** Resolves when the database answers; rejects otherwise. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the database and the site key, makes both when missing, migrates, and writes the first tenant into an empty
 * database. `onEvent` hears of every event once it is committed. Rejects with `invalid` for a database without its key.
 */
export async function openStore(
  files: { readonly database: string; readonly siteKey: string },
  first: FirstTenant,
  onEvent: OnEvent = () => undefined,
): Promise<OpenStore> {
  const isThere = existsSync(files.database);
  if (isThere && statSync(files.database).size > 0 && !existsSync(files.siteKey)) throw withoutKey(files);
  const key = siteKey(files.siteKey);
  if (!isThere) makeFile(files.database);
  const database = await openDatabase(files.database);
  const seals = sealer(key);
  const store = createStore(database, seals, onEvent);
  try {
    await seedTenant(store, first);
  } catch (error) {
    await database.destroy();
    throw error;
  }
  return {
    store,
    secrets: secrets(key),
    async ping() {
      await database.raw('SELECT 1');
    },
    close: () => database.destroy(),
  };
}

/** As after half a restore: a new key would fit, and read nothing. */
function withoutKey({
  database,
  siteKey: file,
}: {
  readonly database: string;
  readonly siteKey: string;
}): SelfprovError {
  return new SelfprovError(
    'invalid',
    `the site key ${file} is missing, and only that one can read the secrets in ${database}: put it back from the backup`,
  );
}

/**
 * Asterisk reads and writes it too, often as another user of the same group; nobody else may. SQLite gives the files that it
 * keeps beside it the mode that it has then.
 */
function makeFile(file: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, '', { flag: 'a', mode: 0o600 });
  chmodSync(file, 0o660);
}
