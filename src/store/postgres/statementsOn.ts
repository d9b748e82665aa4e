import type { Knex } from 'knex';
import type pg from 'pg';
import type { Engine } from '../engine.ts';
import type { Row } from '../table.ts';

interface Prepared {
  readonly name: string;
  readonly text: string;
}

/** Of this process: each connection prepares what it is asked for when it is asked first. */
const prepared = new Map<string, Prepared>();

function preparedOf(sql: string): Prepared {
  const known = prepared.get(sql);
  if (known !== undefined) return known;
  let count = 0;
  const text = sql.replace(/\?/g, () => `$${++count}`);
  const made = { name: `selfprov_${prepared.size}`, text };
  prepared.set(sql, made);
  return made;
}

function rowsOf(connection: pg.Client, query: pg.QueryConfig): Promise<readonly Row[]> {
  return new Promise((resolve, reject) => {
    connection.query<Row>(query, (error: Error | null, result) =>
      error === null ? resolve(result.rows) : reject(error),
    );
  });
}

/**
 * Carries out the store's own statements, which are few, each planned once on a connection. knex would take several times
 * as long as PostgreSQL does.
 */
export function statementsOn(database: Knex): Engine['run'] {
  return async (on, sql, values) => {
    const client = on.client as {
      acquireConnection(): Promise<pg.Client>;
      releaseConnection(of: pg.Client): Promise<void>;
    };
    const connection = await client.acquireConnection();
    try {
      return await rowsOf(connection, { ...preparedOf(sql), values: [...values] });
    } finally {
      // A transaction keeps its own.
      if (on === database) await client.releaseConnection(connection);
    }
  };
}
