import type { AsteriskName } from '../domain/addresses.ts';
import type { StaleAccount, StaleAccounts } from '../domain/ports.ts';
import type { Query } from './query.ts';
import type { Row } from './table.ts';

/** A part of an account, whichever Asterisk has it. */
export type AccountPart = Pick<StaleAccount, 'kind' | 'name'>;

export function staleAccountsIn({ database }: Query): StaleAccounts {
  const rowOf = ({ asterisk, kind, name }: StaleAccount): Row => ({ asterisk: asterisk ?? '', kind, name });
  return {
    async dueStaleAccounts(now) {
      const rows = (await database('stale_accounts').where('next_attempt_at', '<=', now)) as Row[];
      return rows.map((row) => ({
        asterisk: row['asterisk'] === '' ? null : String(row['asterisk']),
        kind: String(row['kind']) as StaleAccount['kind'],
        name: String(row['name']),
        since: Number(row['since']),
      }));
    },
    async putOffStaleAccount(stale, until) {
      await database('stale_accounts').where(rowOf(stale)).update({ next_attempt_at: until });
    },
    async removeStaleAccount(stale) {
      await database('stale_accounts')
        .where({ ...rowOf(stale), since: stale.since })
        .delete();
    },
  };
}

/** Has every one of these Asterisks forget them, from now on by the database's clock. */
export async function noteStale(
  { database, clock }: Query,
  asterisks: readonly AsteriskName[],
  parts: readonly AccountPart[],
): Promise<void> {
  const rows = asterisks.flatMap((asterisk) =>
    parts.map((part) => ({ ...part, asterisk: asterisk ?? '', since: database.raw(clock), next_attempt_at: 0 })),
  );
  if (rows.length > 0) await database('stale_accounts').insert(rows).onConflict(['asterisk', 'kind', 'name']).merge();
}
