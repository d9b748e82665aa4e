import { randomUUID } from 'node:crypto';
import { SelfprovError } from '../domain/errors.ts';
import type { Users } from '../domain/ports.ts';
import type { User } from '../domain/user.ts';
import type { Sealer } from '../secrets/sealer.ts';
import type { Query } from './query.ts';
import { table } from './table.ts';

export function usersIn(sealer: Sealer) {
  const users = table<User>(
    'users',
    {
      id: 'text',
      tenantId: 'text',
      profileId: 'text',
      extension: 'text',
      name: 'text',
      pinHash: 'text',
      selfProvisioning: 'boolean',
      lineSays: 'json',
      deviceSays: 'json',
      createdAt: 'number',
    },
    sealer,
  );
  return (query: Query): Users => ({
    user: (id) => query.find(users, { id }),
    userByExtension: (tenantId, extension) => query.find(users, { tenant_id: tenantId, extension }),
    users: (tenantId) => query.list(users, { tenant_id: tenantId }, 'extension'),
    async addUser(user) {
      const added = { ...user, id: randomUUID() };
      const insertion = query.database(users.name).insert(users.toRow(added));
      const rows: unknown[] = await insertion.onConflict(['tenant_id', 'extension']).ignore().returning('id');
      if (rows.length === 0) throw new SelfprovError('conflict', `extension ${user.extension} exists already`);
      return added;
    },
    updateUser: (id, change) => query.update(users, { id }, change),
    removeUser: (id) => query.remove(users, { id }),
  });
}
