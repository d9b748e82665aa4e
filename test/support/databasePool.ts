import pg from 'pg';
import type { Secret } from '../../src/domain/secret.ts';
import { openPostgres } from '../../src/store/postgres/openPostgres.ts';
import type { Postgres } from './postgres.ts';

/** Databases with our schema and no rows. */
export interface DatabasePool {
  take(): Promise<Secret>;
  /** Whoever still has a connection loses it. */
  giveBack(url: Secret): Promise<void>;
}

/** Differs once a table, column, view, trigger or function of ours does: a copy of a database has the numbers of its model. */
const SCHEMA = `
  SELECT md5(concat(
    (SELECT string_agg(concat(oid, relname, reloptions), ',' ORDER BY oid) FROM pg_class WHERE oid >= 16384),
    (SELECT string_agg(concat(attrelid, attname, attnotnull, atthasdef), ',' ORDER BY attrelid, attnum)
      FROM pg_attribute WHERE attrelid >= 16384),
    (SELECT string_agg(concat(oid, tgenabled), ',' ORDER BY oid) FROM pg_trigger),
    (SELECT string_agg(oid::text, ',' ORDER BY oid) FROM pg_constraint),
    (SELECT string_agg(oid::text, ',' ORDER BY oid) FROM pg_rewrite),
    (SELECT count(*) FROM pg_proc)
  )) AS found`;

/** Without these: what knex has written down of migrations. */
const OURS = `schemaname = 'public' AND %I NOT LIKE 'knex%'`;
const EMPTY = `
  SELECT concat_ws('; ',
    (SELECT string_agg(format('DELETE FROM %I', tablename), '; ') FROM pg_tables WHERE ${OURS.replace('%I', 'tablename')}),
    (SELECT string_agg(format('SELECT setval(%L, 1, false)', sequencename), '; ')
      FROM pg_sequences WHERE ${OURS.replace('%I', 'sequencename')})) AS found`;

const TURN_OUT = `
  SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`;

/**
 * To make a database takes longer than most tests: one that was given back is emptied and given away again, unless its schema has
 * been changed.
 */
export async function databasePool(server: Postgres): Promise<DatabasePool> {
  const template = await server.newDatabase();
  await (await openPostgres(template)).close();
  const [schema, empty] = await inside(template, async (client) => [
    await found(client, SCHEMA),
    await found(client, EMPTY),
  ]);
  const free: Secret[] = [];
  return {
    take: async () => free.pop() ?? server.newDatabase(template),
    async giveBack(url) {
      const isAsBefore = await inside(url, async (client) => {
        await client.query(TURN_OUT);
        if ((await found(client, SCHEMA)) !== schema) return false;
        await client.query(`BEGIN; SET LOCAL session_replication_role = replica; ${empty}; COMMIT`);
        return true;
      });
      if (isAsBefore) free.push(url);
      else await server.dropDatabase(url);
    },
  };
}

async function inside<T>(url: Secret, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url.reveal() });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function found(client: pg.Client, question: string): Promise<string> {
  const { rows } = await client.query<{ found: string }>(question);
  return rows[0]?.found ?? '';
}
