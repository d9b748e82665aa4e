import type { Knex } from 'knex';

/** Somebody who may read a view of ours. */
interface Reader {
  readonly view: string;
  readonly reader: string;
}

/** Who has been let read our views, by an administrator. */
export async function readersOf(database: Knex): Promise<readonly Reader[]> {
  const { rows } = await database.raw<{ rows: Reader[] }>(`
    SELECT c.relname AS view, r.rolname AS reader
    FROM pg_class c, LATERAL aclexplode(c.relacl) a JOIN pg_roles r ON r.oid = a.grantee
    WHERE c.relkind = 'v' AND c.relnamespace = current_schema()::regnamespace
      AND a.privilege_type = 'SELECT' AND a.grantee <> c.relowner`);
  return rows;
}

/** Lets them again: a migration may have made a view anew, and Asterisk would know no account any more. */
export async function letRead(database: Knex, readers: readonly Reader[]): Promise<void> {
  const views = (await database('pg_views').whereRaw('schemaname = current_schema()').pluck('viewname')) as string[];
  for (const { view, reader } of readers) {
    if (views.includes(view)) await database.raw('GRANT SELECT ON ?? TO ??', [view, reader]);
  }
}
