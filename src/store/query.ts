import type { Knex } from 'knex';
import type { Engine } from './engine.ts';
import type { Row, Table } from './table.ts';

/** What every aggregate asks of the database, or of one transaction of it. */
export interface Query {
  readonly database: Knex;
  /** Milliseconds since 1970 by the database's own clock, in its SQL. */
  readonly clock: string;
  /** One statement, with a `?` for each value. */
  run(sql: string, values: readonly unknown[]): Promise<readonly Row[]>;
  find<T>(of: Table<T>, where: Row): Promise<T | undefined>;
  list<T>(of: Table<T>, where: Row, ...order: readonly string[]): Promise<readonly T[]>;
  insert<T>(of: Table<T>, value: T, more?: Row): Promise<void>;
  /** Takes the place of the one with the same key. */
  put(of: Pick<Table<unknown>, 'name'>, row: Row, key: readonly string[]): Promise<void>;
  update<T>(of: Table<T>, where: Row, change: Partial<T>, more?: Row): Promise<void>;
  remove<T>(of: Table<T>, where: Row): Promise<void>;
}

/** Names in the texts are the store's own; whatever comes from elsewhere is a value. */
export function queryOf(engine: Pick<Engine, 'run' | 'clock'>, database: Knex): Query {
  const run: Query['run'] = (sql, values) => engine.run(database, sql, values);
  return {
    database,
    clock: engine.clock,
    run,
    async find(of, where) {
      const [row] = await run(`SELECT * FROM ${of.name}${conditions(where)} LIMIT 1`, values(where));
      return row && of.fromRow(row);
    },
    async list(of, where, ...order) {
      const sql = `SELECT * FROM ${of.name}${conditions(where)} ORDER BY ${order.join(', ')}`;
      return (await run(sql, values(where))).map(of.fromRow);
    },
    async insert(of, value, more = {}) {
      const row = { ...of.toRow(value), ...more };
      await run(insertion(of, row), Object.values(row));
    },
    async put(of, row, key) {
      const rest = Object.keys(row).filter((column) => !key.includes(column));
      const changes = rest.map((column) => `"${column}" = excluded."${column}"`).join(', ');
      await run(`${insertion(of, row)} ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${changes}`, Object.values(row));
    },
    async update(of, where, change, more = {}) {
      const row = { ...of.toRow(change), ...more };
      const columns = Object.keys(row);
      if (columns.length === 0) return;
      const changes = columns.map((column) => `"${column}" = ?`).join(', ');
      await run(`UPDATE ${of.name} SET ${changes}${conditions(where)}`, [...Object.values(row), ...values(where)]);
    },
    async remove(of, where) {
      await run(`DELETE FROM ${of.name}${conditions(where)}`, values(where));
    },
  };
}

function insertion({ name }: Pick<Table<unknown>, 'name'>, row: Row): string {
  const columns = Object.keys(row);
  return `INSERT INTO ${name} (${columns.map((column) => `"${column}"`).join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`;
}

function conditions(where: Row): string {
  const each = Object.entries(where).map(([column, value]) =>
    value === null ? `"${column}" IS NULL` : `"${column}" = ?`,
  );
  return each.length === 0 ? '' : ` WHERE ${each.join(' AND ')}`;
}

function values(where: Row): readonly unknown[] {
  return Object.values(where).filter((value) => value !== null);
}
