import { chunks } from '../domain/chunks.ts';
import type { Mac } from '../domain/mac.ts';
import { SelfprovError } from '../domain/errors.ts';
import type { Change, Common, Snapshot } from '../domain/snapshot.ts';
import type { Sealer } from '../secrets/sealer.ts';
import type { Changes } from './changes.ts';
import type { Engine } from './engine.ts';
import { snapshotReading, type StoredSnapshots } from './snapshots.ts';
import type { Row } from './table.ts';

/** So many are held at a time, from being read until they are asked for. */
const MOST_HELD = 1000;
/** Devices of one question. */
const AT_ONCE = 50;

/**
 * Snapshots over a database that cannot be read without waiting: they are read before they are asked for, those of all who ask
 * in the same turn in one question, and held until they change. What has changed since it was begun to be read is not held;
 * nothing is while changes cannot be heard of.
 */
export function heldSnapshots(
  { run, database, json }: Pick<Engine, 'run' | 'database' | 'json'>,
  sealer: Sealer,
  changes: Changes,
): StoredSnapshots {
  const { statement, snapshotOf, commonStatements, commonOf } = snapshotReading(json, sealer);
  const read = (sql: string, values: readonly unknown[]): Promise<readonly Row[]> => run(database, sql, values);
  const ofSome = statement('devices.mac = ANY(?)');
  const held = new Map<Mac, Snapshot>();
  let common: Common | undefined;
  let isHearing = (): boolean => false;
  /** What has changed since each question that is under way was asked. */
  const asking = new Set<Change[]>();

  let wanted = new Set<Mac>();
  let reading: Promise<void> | undefined;
  let readingCommon: Promise<void> | undefined;

  function forget(change: Change): void {
    for (const since of asking) since.push(change);
    if (change === 'all') {
      held.clear();
      common = undefined;
    } else if ('mac' in change) held.delete(change.mac);
    else for (const [mac, snapshot] of held) if (isAbout(snapshot)(change)) held.delete(mac);
  }
  changes.subscribe(forget);

  /** Reads, and keeps it in the same turn in which it is known what has changed meanwhile; not where that was not heard. */
  async function readHearing<T>(
    read: () => Promise<readonly T[]>,
    keep: (found: readonly T[], since: readonly Change[]) => void,
  ): Promise<void> {
    const since: Change[] = [];
    asking.add(since);
    try {
      const found = await read();
      if (isHearing()) keep(found, since);
    } finally {
      asking.delete(since);
    }
  }

  async function readCommon(): Promise<void> {
    const all = (): Promise<readonly (readonly Row[])[]> => Promise.all(commonStatements.map((sql) => read(sql, [])));
    await readHearing(all, (found, since) => {
      if (!since.includes('all')) common = commonOf(found);
    });
  }

  async function readWanted(): Promise<void> {
    // All that ask in this turn of the event loop.
    await Promise.resolve();
    const macs = [...wanted];
    wanted = new Set();
    reading = undefined;
    for (const some of chunks(macs, AT_ONCE)) {
      const ask = (): Promise<readonly Row[]> => read(ofSome, [some]);
      await readHearing(ask, (found, since) => {
        if (held.size + found.length > MOST_HELD) held.clear();
        for (const snapshot of found.map(snapshotOf))
          if (!since.some(isAbout(snapshot))) held.set(snapshot.device.mac, snapshot);
      });
    }
  }

  return {
    isReady: () => isHearing() && common !== undefined,
    of: (mac) => (isHearing() ? held.get(mac) : undefined),
    common() {
      if (common === undefined) throw new SelfprovError('unavailable', 'what phones have in common is not read yet');
      return common;
    },
    async prepare(mac) {
      if (!isHearing()) return;
      if (common === undefined) {
        readingCommon ??= readCommon().finally(() => (readingCommon = undefined));
        await readingCommon;
      }
      if (mac === null || held.has(mac)) return;
      wanted.add(mac);
      await (reading ??= readWanted());
    },
    subscribe: changes.subscribe,
    look: () => undefined,
    hears(isSure) {
      // It has been deaf, or this process has been stopped.
      if (!isHearing()) changes.tell('all');
      isHearing = isSure;
    },
    lost() {
      isHearing = () => false;
      changes.tell('all');
    },
  };
}

function isAbout({ device, lines }: Snapshot): (change: Change) => boolean {
  return (change) => {
    if (change === 'all') return true;
    return 'mac' in change ? change.mac === device.mac : lines.some(({ id }) => id === change.lineId);
  };
}
