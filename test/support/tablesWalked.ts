import type { Knex } from 'knex';
import { isPostgres } from './connectTo.ts';

/** What this question cannot find by an index, as the database says. */
export async function tablesWalked(database: Knex, question: string): Promise<readonly string[]> {
  if (isPostgres(database)) {
    return database.transaction(async (transaction) => {
      // A table of few rows is walked because that is quickest.
      await transaction.raw('SET LOCAL enable_seqscan = off');
      const { rows } = await transaction.raw<{ rows: { 'QUERY PLAN': string }[] }>(`EXPLAIN ${question}`);
      return rows.map((row) => row['QUERY PLAN']).filter((line) => line.includes('Seq Scan'));
    });
  }
  const plan = await database.raw<readonly { detail: string }[]>(`EXPLAIN QUERY PLAN ${question}`);
  // A view itself is walked: its one or no row. A table must not be.
  return plan.map(({ detail }) => detail).filter((detail) => /^SCAN (?!ps_)/.test(detail));
}
