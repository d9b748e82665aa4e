import { NO_TRIES, type Tries } from '../domain/lockout.ts';
import type { AllTries } from '../domain/ports.ts';
import type { Instant } from '../domain/time.ts';
import type { Sealer } from '../secrets/sealer.ts';
import type { Query } from './query.ts';
import { table, type Row } from './table.ts';

/** Extensions that do not exist are counted too; what nobody has tried for a week is forgotten. */
const KEPT_MS = 7 * 24 * 60 * 60_000;

interface TriesRow extends Tries {
  readonly scope: string;
  readonly tenantId: string;
  readonly key: string;
  readonly against: string;
  readonly updatedAt: Instant;
}

export function triesIn(sealer: Sealer) {
  const all = table<TriesRow>(
    'tries',
    {
      scope: 'text',
      tenantId: 'text',
      key: 'text',
      wrong: 'number',
      locks: 'number',
      lockedUntil: 'number',
      against: 'text',
      updatedAt: 'number',
    },
    sealer,
  );
  return (query: Query): AllTries => ({
    async tries(scope, tenantId, key) {
      const row = await query.find(all, { scope, tenant_id: tenantId, key });
      return row ? { wrong: row.wrong, locks: row.locks, lockedUntil: row.lockedUntil } : NO_TRIES;
    },
    async putTries(scope, tenantId, key, tries, at, against) {
      await query
        .database('tries')
        .where('updated_at', '<', at - KEPT_MS)
        .delete();
      const row = all.toRow({ ...tries, scope, tenantId, key, against, updatedAt: at });
      await query.database('tries').insert(row).onConflict(['scope', 'tenant_id', 'key']).merge();
    },
    forgiveTries: (scope, tenantId, key) => query.remove(all, { scope, tenant_id: tenantId, key }),
    async forgiveAgainst(scope, against) {
      const where = { scope, against };
      const rows: Row[] = await query.database('tries').where(where).select('key');
      await query.remove(all, where);
      return rows.map(({ key }) => String(key));
    },
  });
}
