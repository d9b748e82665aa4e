import type { HotDesk } from '../domain/hotDesk.ts';
import type { HotDesks } from '../domain/ports.ts';
import type { Sealer } from '../secrets/sealer.ts';
import type { Query } from './query.ts';
import { table, type Row } from './table.ts';

export function hotDesksIn(sealer: Sealer) {
  const all = table<HotDesk>(
    'hot_desks',
    { mac: 'text', userId: 'text', homes: 'json', since: 'number', endsAt: 'number' },
    sealer,
  );
  return (query: Query): HotDesks => ({
    hotDesk: (mac) => query.find(all, { mac }),
    hotDeskOf: (userId) => query.find(all, { user_id: userId }),
    async hotDesksThatEnd(by) {
      const rows = (await query.database(all.name).where('ends_at', '<=', by).orderBy('ends_at')) as Row[];
      return rows.map(all.fromRow);
    },
    async isHome(mac) {
      const rows = (await query.database(all.name).where('homes', 'like', `%"${mac}"%`)) as Row[];
      return rows.map(all.fromRow).some(({ homes }) => homes.some((home) => home.mac === mac));
    },
    addHotDesk: (hotDesk) => query.insert(all, hotDesk),
    removeHotDesk: (mac) => query.remove(all, { mac }),
  });
}
