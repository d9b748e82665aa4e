import type { Line } from '../domain/device.ts';
import type { Common, Owner, Snapshot, Snapshots } from '../domain/snapshot.ts';
import type { Secret } from '../domain/secret.ts';
import type { User } from '../domain/user.ts';
import type { Sealer } from '../secrets/sealer.ts';
import type { Changes } from './changes.ts';
import { deviceTable, lineTable } from './devices.ts';
import type { Reader } from './engine.ts';
import { siteOf } from './site.ts';
import type { Row, Table } from './table.ts';
import { tenantTables } from './tenants.ts';
import { userTable } from './users.ts';

/**
 * Who is in a sync counts from its begin, before it is told: over PostgreSQL a phone may be here sooner than the word that it has
 * been.
 */
const AWAITED = `
  EXISTS (SELECT 1 FROM hand_overs WHERE hand_overs.mac = devices.mac AND hand_overs.state <> 'done')
  OR EXISTS (SELECT 1 FROM sync_items WHERE sync_items.mac = devices.mac
    AND sync_items.state IN ('told', 'lost') AND sync_items.fetched_at IS NULL)
  OR EXISTS (SELECT 1 FROM sync_items JOIN syncs ON syncs.id = sync_items.sync_id WHERE sync_items.mac = devices.mac
    AND sync_items.state = 'waiting' AND syncs.state IN ('running', 'paused'))`;

/** The functions that make a JSON array of values, and of rows, as text. */
export interface JsonFunctions {
  readonly array: string;
  readonly group: string;
}

/** How a snapshot is asked for, and read. */
export interface SnapshotReading {
  /** One statement, so of one moment; and few values, since each takes time to be handed over. `where` is about devices. */
  statement(where: string): string;
  snapshotOf(row: Row): Snapshot;
  /** Each gives one table of what phones have in common, whole. */
  readonly commonStatements: readonly string[];
  commonOf(rows: readonly (readonly Row[])[]): Common;
}

export function snapshotReading({ array, group }: JsonFunctions, sealer: Sealer): SnapshotReading {
  const [devices, lines, users] = [deviceTable(sealer), lineTable(sealer), userTable(sealer)];
  const { tenants, profiles, lineTemplates, deviceTemplates } = tenantTables(sealer);

  const values = ({ name, columns }: Pick<Table<unknown>, 'name' | 'columns'>): string =>
    `${array}(${columns.map((column) => `${name}.${column}`).join(', ')})`;
  const statement = (where: string): string => `
    SELECT ${values(devices)} AS device, ${AWAITED} AS is_awaited, (
      SELECT ${group}(${array}(lines.token_hash, ${values(lines)}, ${values(users)}))
      FROM lines LEFT JOIN users ON users.id = lines.user_id WHERE lines.mac = devices.mac) AS lines, (
      SELECT ${group}(${array}(given_files.name, given_files.digest))
      FROM given_files WHERE given_files.mac = devices.mac) AS given
    FROM devices WHERE ${where}`;

  function all<T extends { readonly id: string }>(of: Table<T>, rows: readonly Row[] = []): ReadonlyMap<string, T> {
    return new Map(rows.map((row) => [String(row['id']), of.fromRow(row)]));
  }

  function snapshotOf(row: Row): Snapshot {
    const said = read(row['device']) as readonly unknown[];
    const found = (read(row['lines']) ?? []) as readonly (readonly [string, unknown[], unknown[]])[];
    const given = (read(row['given']) ?? []) as readonly (readonly [string, string])[];
    const owned = new Map<string, readonly unknown[]>();
    const tokens = new Map<string, Secret>();
    const its = found.map(([tokenHash, values, user]) => {
      const line = lines.fromValues(values);
      if (line.userId !== null) owned.set(line.id, user);
      // Lines of one file have the same token, which is opened once.
      const token = tokens.get(tokenHash) ?? line.token;
      tokens.set(tokenHash, token);
      return { ...line, token };
    });
    return {
      device: devices.fromValues(said),
      lines: its.length > 1 ? its.toSorted(bySlot) : its,
      isAwaited: Boolean(row['is_awaited']) || its.some(({ former }) => former !== null && former.fetchedAt === null),
      given: new Map(given),
      says: String(said[devices.columns.indexOf('says')]),
      ownerOf(lineId) {
        const values = owned.get(lineId);
        return values && ownerOf(users, values);
      },
      user(id) {
        const values = [...owned.values()].find(([userId]) => userId === id);
        return values && users.fromValues(values);
      },
    };
  }

  return {
    statement,
    snapshotOf,
    commonStatements: ['site', ...[tenants, profiles, lineTemplates, deviceTemplates].map(({ name }) => name)].map(
      (name) => `SELECT * FROM ${name} ORDER BY id`,
    ),
    commonOf: (rows) => ({
      site: siteOf(rows[0]?.[0]),
      tenants: all(tenants, rows[1]),
      profiles: all(profiles, rows[2]),
      lineTemplates: all(lineTemplates, rows[3]),
      deviceTemplates: all(deviceTemplates, rows[4]),
    }),
  };
}

/** Some drivers have read JSON already. */
function read(value: unknown): unknown {
  return typeof value === 'string' ? (JSON.parse(value) as unknown) : value;
}

/** Snapshots that are told whether what other processes change is heard of. */
export interface StoredSnapshots extends Snapshots {
  /** So far every change has been told to `changes`, other processes' too; nothing is given unless that `isSure`. */
  hears(isSure: () => boolean): void;
  /** From now on changes are missed, until all is heard again. */
  lost(): void;
}

/** Snapshots over a connection that reads without waiting; what others change is looked for. */
export function snapshotsIn(reader: Reader, json: JsonFunctions, sealer: Sealer, changes: Changes): StoredSnapshots {
  const { statement, snapshotOf, commonStatements, commonOf } = snapshotReading(json, sealer);
  const ofOne = statement('devices.mac = ?');
  return {
    isReady: () => true,
    of(mac) {
      const [row] = reader.all(ofOne, [mac]);
      return row && snapshotOf(row);
    },
    common: () => commonOf(commonStatements.map((sql) => reader.all(sql, []))),
    subscribe: changes.subscribe,
    look() {
      if (reader.hasChangedElsewhere()) changes.tell('all');
    },
    hears: () => undefined,
    lost: () => undefined,
  };
}

/** As `Devices.lines` has them. */
function bySlot(one: Line, other: Line): number {
  return one.slot - other.slot || (one.servedAt ?? 0) - (other.servedAt ?? 0) || (one.id < other.id ? -1 : 1);
}

function ownerOf({ columns }: Table<User>, values: readonly unknown[]): Owner {
  const text = (column: string): string => String(values[columns.indexOf(column)]);
  return {
    id: text('id'),
    tenantId: text('tenant_id'),
    profileId: text('profile_id'),
    extension: text('extension'),
    name: text('name'),
    says: `${text('line_says')} ${text('device_says')}`,
  };
}
