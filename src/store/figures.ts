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

/** How many there are in all; the larger the database, the longer it takes. */
export interface SizeFigures {
  readonly devices: number;
  readonly users: number;
  readonly lines: readonly LineFigure[];
  /** Of syncs that have not ended, by state. */
  readonly syncItems: Many;
}

export interface LineFigure {
  readonly line: 'user' | 'default';
  readonly isRegistered: boolean;
  readonly many: number;
}

/** Numbers about the whole database, for who watches over it. */
export interface Figures {
  due(now: Instant): Promise<DueFigures>;
  /** Lets others have their turn in between: no statement takes long. */
  size(): Promise<SizeFigures>;
}

/** Lines are read in so many parts, by the first digit of what they are known by: their rows are wide. */
const DIGITS = '0123456789abcdef';

export function figuresIn({ run, database }: Pick<Engine, 'run' | 'database'>): Figures {
  const ask = (sql: string, ...values: readonly unknown[]): Promise<readonly Row[]> => run(database, sql, values);
  const one = async (sql: string, ...values: readonly unknown[]): Promise<number> =>
    Number((await ask(sql, ...values))[0]?.['many'] ?? 0);

  async function lineFigures(): Promise<readonly LineFigure[]> {
    const counts = new Map<string, number>();
    for (const [at, digit] of [...DIGITS].entries()) {
      await turn();
      const rows = await ask(
        `SELECT CASE WHEN user_id IS NULL THEN 'default' ELSE 'user' END AS line,
           CASE WHEN contact_at IS NULL THEN 'no' ELSE 'yes' END AS registered, COUNT(*) AS many
         FROM lines WHERE id >= ? AND id < ? GROUP BY line, registered`,
        digit,
        DIGITS[at + 1] ?? 'g',
      );
      for (const { line, registered, many } of rows) {
        const key = `${String(line)} ${String(registered)}`;
        counts.set(key, (counts.get(key) ?? 0) + Number(many));
      }
    }
    return (['user', 'default'] as const).flatMap((line) =>
      [true, false].map((isRegistered) => {
        const many = counts.get(`${line} ${isRegistered ? 'yes' : 'no'}`) ?? 0;
        return { line, isRegistered, many };
      }),
    );
  }

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
      const devices = await one('SELECT COUNT(*) AS many FROM devices');
      const users = await one('SELECT COUNT(*) AS many FROM users');
      await turn();
      // By both columns, as they are in one index.
      const items = await ask(
        `SELECT sync_id, state, COUNT(*) AS many FROM sync_items
         WHERE sync_id IN (SELECT id FROM syncs WHERE state IN ('running', 'paused', 'stopped')) GROUP BY sync_id, state`,
      );
      return { devices, users, lines: await lineFigures(), syncItems: manyBy(items, 'state') };
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
