import type { Knex } from 'knex';
import type { Row, Table } from './table.ts';

/** What every aggregate asks of the database, or of one transaction of it. */
export interface Query {
  readonly database: Knex;
  /** Milliseconds since 1970 by the database's own clock, in its SQL. */
  readonly clock: string;
  find<T>(of: Table<T>, where: Row): Promise<T | undefined>;
  list<T>(of: Table<T>, where: Row, ...order: readonly string[]): Promise<readonly T[]>;
  insert<T>(of: Table<T>, value: T, more?: Row): Promise<void>;
  update<T>(of: Table<T>, where: Row, change: Partial<T>, more?: Row): Promise<void>;
  remove<T>(of: Table<T>, where: Row): Promise<void>;
}

export function queryOf(database: Knex, clock: string): Query {
  return {
    database,
    clock,
    async find(of, where) {
      const row = (await database(of.name).where(where).first()) as Row | undefined;
      return row && of.fromRow(row);
    },
    async list(of, where, ...order) {
      const rows = (await database(of.name)
        .where(where)
        .orderBy([...order])) as Row[];
      return rows.map(of.fromRow);
    },
    async insert(of, value, more = {}) {
      await database(of.name).insert({ ...of.toRow(value), ...more });
    },
    async update(of, where, change, more = {}) {
      const row = { ...of.toRow(change), ...more };
      if (Object.keys(row).length > 0) await database(of.name).where(where).update(row);
    },
    async remove(of, where) {
      await database(of.name).where(where).delete();
    },
  };
}
