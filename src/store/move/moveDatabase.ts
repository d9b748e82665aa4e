import type { Knex } from 'knex';
import { existsSync } from 'node:fs';
import { SelfprovError } from '../../domain/errors.ts';
import type { Secret } from '../../domain/secret.ts';
import { siteKey } from '../../secrets/siteKey.ts';
import { saidBy } from '../knexOptions.ts';
import { refuseOtherKey } from '../checkKey.ts';
import { withoutKey } from '../open.ts';
import { connect } from '../postgres/connect.ts';
import { MIGRATION_LIMIT, openPostgres } from '../postgres/openPostgres.ts';
import { refuseDifference } from './compare.ts';
import { openSource, type Source } from './source.ts';
import { readRows, refuseFull, setNumbers, tableNames, writeRows } from './target.ts';

/** How many rows of a table have been moved. */
export interface TableMoved {
  readonly table: string;
  readonly rows: number;
}

/**
 * Copies everything from a SQLite database into an empty PostgreSQL database, and compares both row by row before that is valid:
 * all of it, or nothing. The source stays as it is. Rejects with `conflict` while somebody has the source open, or the
 * target has rows; with `invalid` for a source of another version, another site key, and whatever has not come through as it
 * was; with `not_found` and `unavailable`.
 */
export async function moveDatabase(
  from: string,
  to: Secret,
  keyFile: string,
  progress: (done: number, all: number) => void = () => undefined,
): Promise<readonly TableMoved[]> {
  if (!existsSync(from)) throw new SelfprovError('not_found', `there is no database ${from}`);
  if (!existsSync(keyFile)) throw withoutKey(keyFile);
  const source = openSource(from);
  try {
    const known = {
      fingerprint: firstOf(source, 'site_keys', 'fingerprint'),
      secret: firstOf(source, 'lines', 'secret'),
    };
    refuseOtherKey(known, siteKey(keyFile), keyFile);
    await withoutRows(to);
    return await into(to, (target) => target.transaction((inside) => copy(source, inside, progress)));
  } finally {
    source.close();
  }
}

/** What stands in one row of a table, if it has any. */
function firstOf(source: Source, table: string, column: string): string | undefined {
  const its = source.tables.find(({ name }) => name === table);
  for (const row of its === undefined ? [] : source.rows(its)) return String(row[column]);
  return undefined;
}

/** Nothing is changed in a database that something is in, not even its schema. */
async function withoutRows(to: Secret): Promise<void> {
  await into(to, refuseFull);
  await (await openPostgres(to)).close();
}

async function copy(
  source: Source,
  target: Knex,
  progress: (done: number, all: number) => void,
): Promise<readonly TableMoved[]> {
  const names = await tableNames(target);
  const missing = source.tables.find(({ name }) => !names.includes(name));
  if (missing !== undefined) throw new SelfprovError('invalid', `there is no table ${missing.name} in PostgreSQL`);
  // Who starts a server meanwhile waits.
  await target.raw(`LOCK TABLE ${names.map((name) => `"${name}"`).join(', ')} IN EXCLUSIVE MODE`);
  await refuseFull(target);
  const moved: TableMoved[] = [];
  const all = source.tables.reduce((sum, table) => sum + source.count(table), 0);
  let done = 0;
  const written = (rows: number): void => progress((done += rows), all);
  for (const table of source.tables) {
    moved.push({ table: table.name, rows: await writeRows(target, table, source.rows(table), written) });
  }
  for (const table of source.tables) {
    await refuseDifference(table, source.rows(table), readRows(target, table));
    await setNumbers(target, table, source.highest(table));
  }
  return moved;
}

async function into<T>(to: Secret, work: (target: Knex) => Promise<T>): Promise<T> {
  const { database } = connect(to, { query_timeout: MIGRATION_LIMIT });
  try {
    return await work(database);
  } catch (error) {
    if (error instanceof SelfprovError) throw error;
    const why = saidBy(error as Error);
    throw new SelfprovError('unavailable', `cannot use the PostgreSQL database: ${why}`, { cause: error });
  } finally {
    await database.destroy();
  }
}
