import { chunks } from '../domain/chunks.ts';
import type { Syncs } from '../domain/ports.ts';
import type { Sync, SyncPhone } from '../domain/sync.ts';
import type { SyncItem } from '../domain/syncItem.ts';
import type { Sealer } from '../secrets/sealer.ts';
import type { Query } from './query.ts';
import { table, type Row } from './table.ts';

/** States in which a device is told and not known to be back. */
const UNDER_WAY = ['told', 'fetched'];
/** Rows of one statement: SQLite takes so many values at least. */
const ROWS_AT_ONCE = 50;

/** Syncs with their devices. */
export function syncsIn(sealer: Sealer) {
  const syncs = table<Sync>(
    'syncs',
    {
      id: 'number',
      tenantId: 'text',
      actor: 'text',
      what: 'text',
      mac: 'text',
      rotates: 'boolean',
      reboots: 'boolean',
      state: 'text',
      perMinute: 'number',
      perAddress: 'number',
      canary: 'number',
      mostLost: 'number',
      canaryWithin: 'number',
      backWithin: 'number',
      canaryPassedAt: 'number',
      startedAt: 'number',
      endedAt: 'number',
    },
    sealer,
  );
  const items = table<SyncItem>(
    'sync_items',
    {
      syncId: 'number',
      mac: 'text',
      position: 'number',
      state: 'text',
      isCanary: 'boolean',
      lineId: 'text',
      address: 'text',
      isSent: 'boolean',
      mark: 'text',
      expiresAt: 'number',
      why: 'text',
      toldAt: 'number',
      fetchedAt: 'number',
      registeredAt: 'number',
      endedAt: 'number',
    },
    sealer,
  );

  return (query: Query): Syncs => {
    const { database } = query;
    return {
      sync: (id) => query.find(syncs, { id }),
      syncs: (tenantId) => query.list(syncs, { tenant_id: tenantId }, 'id'),
      async syncsUnderWay() {
        const told = database('sync_items').whereIn('state', UNDER_WAY).select('sync_id');
        const rows = (await database('syncs').where({ state: 'running' }).orWhereIn('id', told).orderBy('id')) as Row[];
        return rows.map(syncs.fromRow);
      },
      async addSync(sync, macs) {
        const row = (await database('syncs').max('id as highest').first()) as Row | undefined;
        const added = { ...sync, id: Number(row?.['highest'] ?? 0) + 1 };
        await query.insert(syncs, added);
        const fresh = { syncId: added.id, state: 'waiting', isCanary: false, isSent: false } as const;
        const rows = macs.map((mac, position) => items.toRow({ ...fresh, mac, position }));
        for (const some of chunks(rows, ROWS_AT_ONCE)) await database('sync_items').insert(some);
        return added;
      },
      updateSync: (id, change) => query.update(syncs, { id }, change),
      async removeSyncs(endedBefore) {
        await database('syncs').where('ended_at', '<', endedBefore).delete();
      },

      syncItems: (syncId) => query.list(items, { sync_id: syncId }, 'position'),
      syncItem: (syncId, mac) => query.find(items, { sync_id: syncId, mac }),
      async syncItemsAwaited(mac) {
        const rows = await query.run(
          `SELECT * FROM sync_items WHERE mac = ? AND state IN ('told', 'fetched', 'lost') ORDER BY sync_id`,
          [mac],
        );
        return rows.map(items.fromRow);
      },
      updateSyncItem: (syncId, mac, change) => query.update(items, { sync_id: syncId, mac }, change),
      async syncPhones(syncId) {
        const rows = (await database('sync_items')
          .where({ sync_id: syncId })
          .whereIn('state', ['waiting', ...UNDER_WAY])
          .join('devices', 'devices.mac', 'sync_items.mac')
          .leftJoin('lines', 'lines.mac', 'sync_items.mac')
          .orderBy(['sync_items.mac', 'lines.slot', 'lines.id'])
          .select('sync_items.mac', 'lines.id', 'lines.contact', 'lines.contact_certain')) as Row[];
        const open = (await database('hand_overs').where({ state: 'open' }).distinct('mac')) as Row[];
        return phonesOf(rows, new Set(open.map(({ mac }) => String(mac))));
      },
      async toldByOthers(syncId, { after, until }) {
        const rows = (await database('sync_items')
          .where('told_at', '>', after)
          .andWhere('told_at', '<=', until)
          .whereNot({ sync_id: syncId })
          .select('address')) as Row[];
        return rows.map(({ address }) => address as string | null);
      },
    };
  };
}

function phonesOf(rows: readonly Row[], handedOver: ReadonlySet<string>): ReadonlyMap<string, SyncPhone> {
  const phones = new Map<string, { isHandedOver: boolean; lines: SyncPhone['lines'][number][] }>();
  for (const row of rows) {
    const mac = String(row['mac']);
    const phone = phones.get(mac) ?? { isHandedOver: handedOver.has(mac), lines: [] };
    phones.set(mac, phone);
    const [id, contact] = [row['id'], row['contact'] as string | null];
    if (typeof id === 'string') phone.lines.push({ id, contact, contactCertain: Boolean(row['contact_certain']) });
  }
  return phones;
}
