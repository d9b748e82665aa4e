import type { Mac } from '../../domain/mac.ts';
import type { Change, Snapshot, Snapshots } from '../../domain/snapshot.ts';
import { byteCache } from './byteCache.ts';

/** One device as it stands, and its files, each by its name and the first of the lines in it. */
export interface Known<T> {
  readonly snapshot: Snapshot;
  readonly files: ReadonlyMap<string, T>;
}

/** Devices that have been asked for, as they stand, with the files that were made of that. */
export interface KnownDevices<T> {
  of(mac: Mac): Known<T> | undefined;
  /** Whether nothing has changed about it since, and it is still kept. */
  isKept(snapshot: Snapshot): boolean;
  /** Keeps a file of one that is kept. */
  putFile(one: Known<T>, key: string, file: T, bytes: number): void;
  forget(change: Exclude<Change, 'all'>): void;
  clear(): void;
}

/** About what one takes in memory. */
const SNAPSHOT_BYTES = 4 * 1024;
/** For devices that were asked for once. */
const MOST_ASKED = 2 * 1024 * 1024;

interface Kept<T> extends Known<T> {
  readonly files: Map<string, T>;
  bytes: number;
}

/**
 * Keeps up to `mostBytes`. Most phones ask once a day: what is not asked for again soon is not kept, it would only push out what
 * is.
 */
export function knownDevices<T>(snapshots: Pick<Snapshots, 'of'>, mostBytes: number): KnownDevices<T> {
  const macOfLine = new Map<string, Mac>();
  const kept = byteCache<Kept<T>>(mostBytes, ({ snapshot }) => {
    for (const { id } of snapshot.lines) macOfLine.delete(id);
  });
  const askedOnce = byteCache<true>(MOST_ASKED);

  function keep(one: Kept<T>): void {
    const { device, lines } = one.snapshot;
    kept.put(device.mac, one, one.bytes);
    for (const { id } of lines) macOfLine.set(id, device.mac);
  }

  return {
    of(mac) {
      const before = kept.get(mac);
      if (before !== undefined) return before;
      const snapshot = snapshots.of(mac);
      if (snapshot === undefined) return undefined;
      const one = { snapshot, files: new Map<string, T>(), bytes: SNAPSHOT_BYTES };
      if (askedOnce.get(mac) === true) keep(one);
      else askedOnce.put(mac, true, mac.length);
      return one;
    },
    isKept: (snapshot) => kept.get(snapshot.device.mac)?.snapshot === snapshot,
    putFile(one, key, file, bytes) {
      const its = kept.get(one.snapshot.device.mac);
      if (its === undefined || its !== one) return;
      its.files.set(key, file);
      its.bytes += bytes + 2 * key.length;
      keep(its);
    },
    forget(change) {
      const mac = 'mac' in change ? change.mac : macOfLine.get(change.lineId);
      if (mac !== undefined) kept.delete(mac);
    },
    clear: kept.clear,
  };
}
