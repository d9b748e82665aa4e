import type { Knex } from 'knex';
import { readFileSync } from 'node:fs';
import type { DatabasePlace } from '../../src/domain/databasePlace.ts';
import { isPostgres, past } from './connectTo.ts';

/** Names of the tables, in the order of the alphabet. */
export async function tablesIn(database: Knex): Promise<readonly string[]> {
  const asked = isPostgres(database)
    ? database('pg_tables').where({ schemaname: 'public' }).pluck('tablename')
    : database('sqlite_master').where({ type: 'table' }).whereNot('name', 'like', 'sqlite%').pluck('name');
  return ((await asked) as string[]).toSorted();
}

/** All that a database holds as one text: the bytes of SQLite's files, with what was deleted there, or each row. */
export async function everythingIn(place: DatabasePlace): Promise<string> {
  if ('file' in place) return ['', '-wal'].map((end) => readFileSync(place.file + end).toString('latin1')).join('');
  return past(place, async (database) => {
    const all: string[] = [];
    for (const table of await tablesIn(database)) all.push(JSON.stringify(await database(table).select()));
    return all.join('\n');
  });
}
