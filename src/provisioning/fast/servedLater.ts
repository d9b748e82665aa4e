import type { GivenFile } from '../../domain/device.ts';
import { chunks } from '../../domain/chunks.ts';
import type { Mac } from '../../domain/mac.ts';
import type { Served, Store } from '../../domain/ports.ts';
import { packText, type Given } from '../files/given.ts';

/** Milliseconds from a fetch until it is written that it was. */
const WITHIN_MS = 200;
/** So many are not kept in memory longer. */
const MOST = 2000;
/** So many files are made in one turn of the event loop. */
const AT_ONCE = 20;

/** Writes behind that devices have been served, and what they were given, many at once. */
export interface ServedLater {
  note(served: Served): void;
  /** While the database is away no more than so many are kept: of the others it is noted when they fetch again. */
  noteGiven(given: Given): void;
  has(mac: Mac): boolean;
  isEmpty(): boolean;
  /** Resolves when all that was noted until now is written; rejects when it cannot be, and keeps it then. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** `failed` hears why it could not be written; it is tried again. */
export function servedLater(store: Pick<Store, 'transaction'>, failed: (error: unknown) => void): ServedLater {
  const waiting = new Map<Mac, Served>();
  const given = new Map<string, Given>();
  let timer: NodeJS.Timeout | undefined;
  let flushing: Promise<void> | undefined;

  const isEmpty = (): boolean => waiting.size === 0 && given.size === 0;
  const keyOf = ({ mac, name }: Pick<Given, 'mac' | 'name'>): string => `${mac} ${name}`;

  function later(): void {
    timer ??= setTimeout(() => {
      timer = undefined;
      void flush().catch(failed);
    }, WITHIN_MS);
  }

  function soon(): void {
    if (waiting.size + given.size < MOST) later();
    else void flush().catch(failed);
  }

  async function write(): Promise<void> {
    const [batch, files] = [[...waiting.values()], [...given.values()]];
    try {
      const packed = await pack(files);
      await store.transaction(async (inside) => {
        if (batch.length > 0) await inside.updateServed(batch);
        if (packed.length > 0) await inside.putGivenFiles(packed);
      });
      for (const served of batch) if (waiting.get(served.mac) === served) waiting.delete(served.mac);
      for (const file of files) if (given.get(keyOf(file)) === file) given.delete(keyOf(file));
    } finally {
      flushing = undefined;
      if (!isEmpty()) later();
    }
  }

  /** A file that cannot be made any more is not noted: nothing else may wait for it. */
  async function pack(files: readonly Given[]): Promise<readonly GivenFile[]> {
    const packed: GivenFile[] = [];
    for (const some of chunks(files, AT_ONCE)) {
      const made = some.flatMap(({ masked, ...file }) => {
        try {
          return [{ ...file, text: masked() }];
        } catch (error) {
          failed(error);
          return [];
        }
      });
      packed.push(
        ...(await Promise.all(made.map(async ({ text, ...file }) => ({ ...file, packed: await packText(text) })))),
      );
    }
    return packed;
  }

  /** One after the other: what is noted while one is under way is in the next. */
  async function flush(): Promise<void> {
    if (flushing !== undefined) await flushing.catch(() => undefined);
    if (!isEmpty()) await (flushing ??= write());
  }

  return {
    note(served) {
      waiting.set(served.mac, served);
      soon();
    },
    noteGiven(file) {
      if (given.size >= MOST && !given.has(keyOf(file))) return;
      given.set(keyOf(file), file);
      soon();
    },
    // A file that is noted is nothing that anybody decides by.
    has: (mac) => waiting.has(mac),
    isEmpty,
    flush,
    async close() {
      await flush().catch(failed);
      clearTimeout(timer);
      waiting.clear();
      given.clear();
    },
  };
}
