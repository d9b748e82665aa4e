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
 * in the same turn in one question, and held until they change. What was begun to be read before a change is not held; nothing
 * is while changes cannot be heard of.
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
  /** Grows with each change: who has begun to read before must not keep what comes. */
  let changed = 0;

  let wanted = new Set<Mac>();
  let reading: Promise<void> | undefined;
  let readingCommon: Promise<void> | undefined;

  function forget(change: Change): void {
    changed += 1;
    if (change === 'all') {
      held.clear();
      common = undefined;
    } else if ('mac' in change) held.delete(change.mac);
    else for (const [mac, { lines }] of held) if (lines.some(({ id }) => id === change.lineId)) held.delete(mac);
  }
  changes.subscribe(forget);

  async function readCommon(): Promise<void> {
    const before = changed;
    const rows = await Promise.all(commonStatements.map((sql) => read(sql, [])));
    if (before === changed && isHearing()) common = commonOf(rows);
  }

  async function readWanted(): Promise<void> {
    // All that ask in this turn of the event loop.
    await Promise.resolve();
    const macs = [...wanted];
    wanted = new Set();
    reading = undefined;
    for (const some of chunks(macs, AT_ONCE)) {
      const before = changed;
      const rows = await read(ofSome, [some]);
      if (before !== changed || !isHearing()) continue;
      if (held.size + rows.length > MOST_HELD) held.clear();
      for (const row of rows) {
        const snapshot = snapshotOf(row);
        held.set(snapshot.device.mac, snapshot);
      }
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
