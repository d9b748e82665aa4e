import { setImmediate as turn } from 'node:timers/promises';
import type { GivenFile } from '../../domain/device.ts';
import { chunks } from '../../domain/chunks.ts';
import type { Mac } from '../../domain/mac.ts';
import type { Served, Store } from '../../domain/ports.ts';
import { packText, type Given } from '../files/given.ts';
import { writeBehind } from './writeBehind.ts';

/** So many are not kept in memory longer. */
const MOST = 2000;
/** So many files are written at a time. */
const MOST_FILES = 200;
/** So many files are made in one turn of the event loop. */
const AT_ONCE = 20;

/** Writes behind that devices have been served, and what they were given, many at once. */
export interface ServedLater {
  note(served: Served): void;
  /** While the database is away no more than so many are kept: of the others it is noted when they fetch again. */
  noteGiven(given: Given): void;
  has(mac: Mac): boolean;
  isEmpty(): boolean;
  /** Resolves when it is written of all that were served until now; rejects when it cannot be, and keeps it then. */
  settled(): Promise<void>;
  /** The same of what they were given too. */
  written(): Promise<void>;
  close(): Promise<void>;
}

/** `failed` hears why it could not be written; it is tried again. */
export function servedLater(store: Pick<Store, 'transaction'>, failed: (error: unknown) => void): ServedLater {
  const served = writeBehind<Served>({
    ...{ keyOf: ({ mac }) => mac, most: MOST, failed },
    write: (some) => store.transaction((inside) => inside.updateServed(some)),
  });
  // By itself: what was given is nothing that anybody decides by, and nobody waits for it.
  const given = writeBehind<Given>({
    ...{ keyOf: ({ mac, name }) => `${mac} ${name}`, most: MOST_FILES, failed },
    async write(files) {
      const isAsked = files.some(({ isNews }) => isNews !== undefined);
      const packed = await pack(isAsked ? await store.transaction((inside) => newsIn(inside, files)) : files);
      if (packed.length > 0) await store.transaction((inside) => inside.putGivenFiles(packed));
    },
  });

  /** A file that cannot be made any more is not noted: nothing else may wait for it. */
  async function pack(files: readonly Given[]): Promise<readonly GivenFile[]> {
    const packed: GivenFile[] = [];
    for (const some of chunks(files, AT_ONCE)) {
      for (const { masked, mac, name, family, digest, at } of some) {
        try {
          packed.push({ ...{ mac, name, family, digest, at }, packed: packText(masked()) });
        } catch (error) {
          failed(error);
        }
      }
      await turn();
    }
    return packed;
  }

  return {
    note: served.note,
    noteGiven(file) {
      if (given.size() < MOST) given.note(file);
    },
    has: served.has,
    isEmpty: served.isEmpty,
    settled: served.flush,
    async written() {
      await served.flush();
      await given.flush();
    },
    async close() {
      await served.close();
      await given.close();
    },
  };
}

/** Those that tell something new; the others are known, or nobody's. */
async function newsIn(store: Store, files: readonly Given[]): Promise<readonly Given[]> {
  const news: Given[] = [];
  for (const file of files) if ((await file.isNews?.(store)) !== false) news.push(file);
  return news;
}
