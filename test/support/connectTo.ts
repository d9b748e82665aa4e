import knex, { type Knex } from 'knex';
import type { DatabasePlace } from '../../src/domain/databasePlace.ts';

/** A connection past selfprov, as another program has one; to be destroyed. */
export function connectTo(place: DatabasePlace): Knex {
  return 'url' in place
    ? knex({ client: 'pg', connection: place.url.reveal() })
    : knex({ client: 'better-sqlite3', connection: { filename: place.file }, useNullAsDefault: true });
}

/** The same for a moment. */
export async function past<T>(place: DatabasePlace, work: (database: Knex) => Promise<T>): Promise<T> {
  const database = connectTo(place);
  try {
    return await work(database);
  } finally {
    await database.destroy();
  }
}

export function isPostgres(database: Knex): boolean {
  return database.client.config.client === 'pg';
}
