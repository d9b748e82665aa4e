import type { Knex } from 'knex';
import { SelfprovError } from '../../domain/errors.ts';
import { saidBy } from '../knexOptions.ts';
import type { Row } from '../table.ts';
import type { SourceTable } from './source.ts';

const ROWS_AT_ONCE = 1000;

/** Refuses with `conflict` a database that has rows already, of selfprov or of somebody else's table of that name. */
export async function refuseFull(database: Knex): Promise<void> {
  for (const name of await tableNames(database)) {
    const row = await database(name).first();
    if (row === undefined) continue;
    const message = `the PostgreSQL database is not empty, there are rows in ${name}. Name a new one, with which no selfprov has been started yet`;
    throw new SelfprovError('conflict', message);
  }
}

/** Tables of ours that are there. */
export async function tableNames(database: Knex): Promise<readonly string[]> {
  const asked = database('pg_tables').where({ schemaname: database.raw('current_schema()') });
  return (await asked.whereNot('tablename', 'like', 'knex%').orderBy('tablename').pluck('tablename')) as string[];
}

/** Writes all rows of a table, and tells of each thousand; gives how many there were. */
export async function writeRows(
  database: Knex,
  { name }: SourceTable,
  rows: Iterable<Row>,
  written: (rows: number) => void,
): Promise<number> {
  let count = 0;
  for (const batch of batches(rows)) {
    // One value, and PostgreSQL takes the columns out by their names and types: 0 and 1 where it has booleans.
    const asked = 'INSERT INTO ?? SELECT * FROM json_populate_recordset(NULL::??, ?)';
    try {
      await database.raw(asked, [name, name, JSON.stringify(batch)]);
    } catch (cause) {
      throw new SelfprovError('invalid', `table ${name} cannot be moved: ${saidBy(cause as Error)}`, { cause });
    }
    count += batch.length;
    written(batch.length);
  }
  return count;
}

/** All rows of a table, in the order of their keys, by code point. */
export async function* readRows(database: Knex, { name, key }: SourceTable): AsyncIterable<Row> {
  const texts = await textColumns(database, name);
  const order = key.map((column) => `"${column}"${texts.has(column) ? ' COLLATE "C"' : ''} NULLS FIRST`).join(', ');
  await database.raw(`DECLARE moved NO SCROLL CURSOR FOR SELECT * FROM "${name}" ORDER BY ${order}`);
  for (;;) {
    const { rows } = await database.raw<{ rows: Row[] }>(`FETCH ${ROWS_AT_ONCE} FROM moved`);
    if (rows.length === 0) break;
    yield* rows;
  }
  await database.raw('CLOSE moved');
}

/** The next row that gets a number of this table gets one that no row has ever had. */
export async function setNumbers(database: Knex, { name, columns }: SourceTable, highest: number): Promise<void> {
  for (const column of columns) {
    const { rows } = await database.raw<{ rows: { sequence: string | null }[] }>(
      'SELECT pg_get_serial_sequence(?, ?) AS sequence',
      [`"${name}"`, column],
    );
    const sequence = rows[0]?.sequence ?? null;
    if (sequence === null) continue;
    const most = (await database(name).max(`${column} as most`).first()) as { most: number | null } | undefined;
    await database.raw('SELECT setval(?, ?, false)', [sequence, Math.max(highest, most?.most ?? 0) + 1]);
  }
}

async function textColumns(database: Knex, table: string): Promise<ReadonlySet<string>> {
  const asked = database('information_schema.columns').where({ table_name: table, data_type: 'text' });
  return new Set((await asked.pluck('column_name')) as string[]);
}

function* batches(rows: Iterable<Row>): Iterable<readonly Row[]> {
  let batch: Row[] = [];
  for (const row of rows) {
    batch.push(row);
    if (batch.length < ROWS_AT_ONCE) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
