import { setImmediate as turn } from 'node:timers/promises';
import type { Instant } from '../domain/time.ts';
import type { Engine } from './engine.ts';
import type { Row } from './table.ts';

/** How many there are of each. */
export type Many = Readonly<Record<string, number>>;

/** What is under way, of all that the database holds: read by indexes, at any size. */
export interface DueFigures {
  /** Hand-overs that are not done: accepted, notified, fetched, failed. */
  readonly handOvers: Many;
  readonly handOversDue: number;
  /** When the oldest of those that have failed was accepted. */
  readonly oldestFailed: Instant | null;
  readonly farewellsDue: number;
  readonly staleAccounts: number;
  /** By state. */
  readonly syncs: Many;
}

/** How many there are in all: what the larger the database is takes the longer, although it is read from indexes alone. */
export interface SizeFigures {
  readonly devices: number;
  readonly users: number;
  readonly lines: Readonly<Record<'user' | 'default', number>>;
  readonly linesRegistered: number;
  /** Of syncs that have not ended, by state. */
  readonly syncItems: Many;
}

/** Numbers about the whole database, for who watches over it. */
export interface Figures {
  due(now: Instant): Promise<DueFigures>;
  /** Lets others have their turn in between: no statement takes long. */
  size(): Promise<SizeFigures>;
}

export function figuresIn({ run, database }: Pick<Engine, 'run' | 'database'>): Figures {
  const ask = (sql: string, ...values: readonly unknown[]): Promise<readonly Row[]> => run(database, sql, values);
  const one = async (sql: string, ...values: readonly unknown[]): Promise<number> =>
    Number((await ask(sql, ...values))[0]?.['many'] ?? 0);

  return {
    async due(now) {
      const handOvers = await ask(
        `SELECT CASE WHEN state = 'failed' THEN 'failed' WHEN fetched_at IS NOT NULL THEN 'fetched'
           WHEN notified_at IS NOT NULL THEN 'notified' ELSE 'accepted' END AS stage, COUNT(*) AS many, MIN(accepted_at) AS oldest
         FROM hand_overs WHERE state IN ('open', 'failed') GROUP BY stage`,
      );
      const oldest = handOvers.find(({ stage }) => stage === 'failed')?.['oldest'];
      const handOversDue = "SELECT COUNT(*) AS many FROM hand_overs WHERE state = 'open' AND next_attempt_at <= ?";
      return {
        handOvers: manyBy(handOvers, 'stage'),
        handOversDue: await one(handOversDue, now),
        oldestFailed: oldest === undefined ? null : Number(oldest),
        farewellsDue: await one('SELECT COUNT(*) AS many FROM farewells WHERE next_attempt_at <= ?', now),
        staleAccounts: await one('SELECT COUNT(*) AS many FROM stale_accounts'),
        syncs: manyBy(await ask('SELECT state, COUNT(*) AS many FROM syncs GROUP BY state'), 'state'),
      };
    },
    async size() {
      const counts: number[] = [];
      for (const of of [
        'devices',
        'users',
        'lines',
        'lines WHERE user_id IS NULL',
        'lines WHERE contact_at IS NOT NULL',
      ]) {
        counts.push(await one(`SELECT COUNT(*) AS many FROM ${of}`));
        await turn();
      }
      const [devices = 0, users = 0, lines = 0, defaults = 0, linesRegistered = 0] = counts;
      // By both columns, as they stand in one index.
      const items = await ask(
        `SELECT sync_id, state, COUNT(*) AS many FROM sync_items
         WHERE sync_id IN (SELECT id FROM syncs WHERE state IN ('running', 'paused', 'stopped')) GROUP BY sync_id, state`,
      );
      return {
        ...{ devices, users, linesRegistered },
        lines: { user: lines - defaults, default: defaults },
        syncItems: manyBy(items, 'state'),
      };
    },
  };
}

/** Rows of one name are added up. */
function manyBy(rows: readonly Row[], column: string): Many {
  const all: Record<string, number> = {};
  for (const row of rows) {
    const name = String(row[column]);
    all[name] = (all[name] ?? 0) + Number(row['many']);
  }
  return all;
}
