import type { UserSearch } from '../domain/ports.ts';
import type { User } from '../domain/user.ts';
import { likeness } from './likeness.ts';
import type { Query } from './query.ts';
import type { Row, Table } from './table.ts';

const LOCKED = `SELECT 1 FROM tries WHERE tries.scope = 'extension' AND tries.tenant_id = users.tenant_id
  AND tries.key = users.extension AND tries.locked_until > ?`;

/** Users that all of a search fits, by extension. */
export function userSearchIn({ run }: Query, users: Table<User>) {
  return async ({ tenantId, text = '', locked, after = '', limit }: UserSearch): Promise<readonly User[]> => {
    const conditions = ['users.tenant_id = ?', 'users.extension > ?'];
    const values: unknown[] = [tenantId, after];
    if (locked !== undefined) {
      conditions.push(`${locked.is ? '' : 'NOT '}EXISTS (${LOCKED})`);
      values.push(locked.at);
    }
    for (const word of text.split(/\s+/).filter((each) => each !== '')) {
      const { like, spellings } = likeness(word);
      conditions.push(`(${['users.extension', 'users.name'].map(like).join(' OR ')})`);
      values.push(...spellings, ...spellings);
    }
    const sql = `SELECT users.* FROM users WHERE ${conditions.join(' AND ')} ORDER BY users.extension LIMIT ?`;
    const rows: readonly Row[] = await run(sql, [...values, limit]);
    return rows.map(users.fromRow);
  };
}
