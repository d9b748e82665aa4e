import { randomUUID } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import type { Logger } from 'pino';
import type { AsteriskName } from '../domain/addresses.ts';
import { describePlace, type DatabasePlace } from '../domain/databasePlace.ts';
import { SelfprovError } from '../domain/errors.ts';
import type { Secrets, Store } from '../domain/ports.ts';
import type { Snapshots } from '../domain/snapshot.ts';
import type { Secret } from '../domain/secret.ts';
import { sealer } from '../secrets/sealer.ts';
import { secrets } from '../secrets/secrets.ts';
import { keyFromBackup, siteKey } from '../secrets/siteKey.ts';
import { finishExchange } from './backup/exchange.ts';
import { checkKey } from './checkKey.ts';
import { changes, readChangesMessage, teller } from './changes.ts';
import type { Engine } from './engine.ts';
import { figuresIn, type Figures } from './figures.ts';
import type { OnTransaction } from './groups.ts';
import { heldSnapshots } from './heldSnapshots.ts';
import type { OnEvent } from './journal.ts';
import { seedTenant, type FirstTenant } from './seed.ts';
import { openSqlite } from './sqlite/openSqlite.ts';
import { snapshotsIn } from './snapshots.ts';
import { createStore, DUE } from './store.ts';

export interface OpenStore {
  readonly store: Store;
  readonly secrets: Secrets;
  readonly snapshots: Snapshots;
  /** Resolves when the database answers, and is the one that others find, with how many milliseconds its clock is ahead of this machine's; rejects otherwise. */
  ping(): Promise<number>;
  /** For who watches over the whole of it. */
  readonly figures: Figures;
  /** Hears what other processes on the same database tell; `onDue`: there is something to do. */
  listen(onDue: () => void, log: Logger): { close(): Promise<void> };
  close(): Promise<void>;
}

/**
 * Opens the database and the site key, makes both when missing, migrates, and writes the first tenant into an empty
 * database; where there is no `first` it makes none, and rejects with `not_found`. `onEvent` hears of every event once it is
 * committed, `onTransaction` of every transaction. Rejects with `invalid` for a database without its key, and a key without its
 * database.
 */
export async function openStore(
  place: {
    readonly database: DatabasePlace;
    readonly siteKey: string;
    readonly asterisks?: readonly { readonly name: AsteriskName }[];
  },
  first: FirstTenant | null,
  onEvent: OnEvent = () => undefined,
  onTransaction: OnTransaction = () => undefined,
): Promise<OpenStore> {
  const { database, siteKey: keyFile } = place;
  // What a restore was stopped over comes first: then the database is the one or the other, with its own key.
  if ('file' in database) finishExchange(database.file);
  // The first start makes the key when it has made the database: a key without one is of one that is gone. It is looked for first,
  // for another process may be starting.
  const hasKey = isThere(keyFile);
  if ('file' in database && !hasContent(database.file)) {
    if (isThere(`${database.file}-wal`)) throw lost(database.file);
    if (hasKey) throw lostBesideKey(database.file, keyFile);
    if (first === null) throw notBegun(database);
  }
  const engine = await ('url' in database
    ? onPostgres(database.url, onTransaction)
    : openSqlite(database.file, onTransaction));
  try {
    const isEmpty = (await engine.database('tenants').first('id')) === undefined;
    if (!isEmpty && !existsSync(keyFile)) throw withoutKey(keyFile);
    if (isEmpty && first === null) throw notBegun(database);
    const key = siteKey(keyFile);
    const sealing = sealer(key);
    const holder = randomUUID();
    const heard = changes();
    const own = teller();
    // Over SQLite Asterisk keeps nothing: a file is not away.
    const caching = 'url' in database ? (place.asterisks ?? []).map(({ name }) => name) : [];
    await checkKey(engine, key, keyFile);
    const store = createStore(engine, sealing, { onEvent, onChange: heard.tell, teller: own }, { holder, caching });
    const { reader } = engine;
    const snapshots =
      reader === undefined ? heldSnapshots(engine, sealing, heard) : snapshotsIn(reader, engine.json, sealing, heard);
    if (first !== null) await seedTenant(store, first);
    return {
      store,
      secrets: secrets(key),
      snapshots,
      async ping() {
        engine.refuseLost?.();
        const asked = Date.now();
        const [row] = await engine.run(engine.database, `SELECT ${engine.clock} AS now`, []);
        return Math.round(Number(row?.['now']) - (asked + Date.now()) / 2);
      },
      figures: figuresIn(engine),
      listen(onDue, log) {
        const hear = (what: string): void => {
          if (what === DUE) onDue();
          else readChangesMessage(own.name(), what)?.forEach(heard.tell);
        };
        // What was told meanwhile may have been that something is due.
        return engine.listen({ heard: hear, hears: snapshots.hears, lost: snapshots.lost, found: onDue }, log);
      },
      close: engine.close,
    };
  } catch (error) {
    await engine.close();
    throw error;
  }
}

/** Its driver takes longer to load than most commands to run. */
async function onPostgres(url: Secret, onTransaction: OnTransaction): Promise<Engine> {
  const { openPostgres } = await import('./postgres/openPostgres.ts');
  return openPostgres(url, onTransaction);
}

/** One that is looked for in the wrong place is not there either. */
function notBegun(database: DatabasePlace): SelfprovError {
  return new SelfprovError(
    'not_found',
    `${describePlace(database)}: there is no database of selfprov yet. "selfprov start", "serve" or "asterisk-files" makes one; if there is one ` +
      'elsewhere, say where as it was said there: SELFPROV_CONFIG, or SELFPROV_DIR',
  );
}

/** Throws where we may not look: that it is not there nobody can say then. */
function isThere(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false }) !== undefined;
}

/** SQLite makes an empty file before it writes anything, and a disk that was full leaves one. */
function hasContent(file: string): boolean {
  return (statSync(file, { throwIfNoEntry: false })?.size ?? 0) > 0;
}

/** A new one would be well, and know no phone and no user. */
function lostBesideKey(file: string, keyFile: string): SelfprovError {
  return new SelfprovError(
    'invalid',
    `the database ${file} is missing or empty, and the site key that it was made with is there (${keyFile}): bring the backup back ` +
      `(selfprov restore FILE), or say where the database is (SELFPROV_DATABASE); to begin anew, with no user and no phone: mv ${keyFile} ${keyFile}.old`,
  );
}

/** A new one would write over what is left of it. */
function lost(file: string): SelfprovError {
  return new SelfprovError(
    'invalid',
    `the database ${file} is missing, and a part of it is beside where it was (${file}-wal): put it back, or bring the backup back ` +
      '(selfprov restore FILE); to begin anew, move that away too',
  );
}

/** As after half a restore: a new key would fit, and read nothing. */
export function withoutKey(file: string): SelfprovError {
  return new SelfprovError(
    'invalid',
    `the site key ${file} is missing, and only that one can read the secrets in the database: put it back from a backup, alone: ${keyFromBackup(file)}`,
  );
}
