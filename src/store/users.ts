import { randomUUID } from 'node:crypto';
import { SelfprovError } from '../domain/errors.ts';
import type { Users } from '../domain/ports.ts';
import type { User } from '../domain/user.ts';
import type { Sealer } from '../secrets/sealer.ts';
import type { Query } from './query.ts';
import { table, type Row, type Table } from './table.ts';
import { userSearchIn } from './userSearch.ts';

export function userTable(sealer: Sealer): Table<User> {
  return table<User>(
    'users',
    {
      id: 'text',
      tenantId: 'text',
      profileId: 'text',
      extension: 'text',
      endpoint: 'text',
      adoption: 'json',
      loginId: 'text',
      provisioningId: 'text',
      name: 'text',
      pinHash: 'text',
      passwordHash: 'text',
      selfProvisioning: 'boolean',
      lineSays: 'json',
      deviceSays: 'json',
      createdAt: 'number',
    },
    sealer,
  );
}

export function usersIn(sealer: Sealer) {
  const users = userTable(sealer);
  return (query: Query): Users => ({
    user: (id) => query.find(users, { id }),
    userByExtension: (tenantId, extension) => query.find(users, { tenant_id: tenantId, extension }),
    async usersKnownAs(by, number) {
      const column = { extension: 'extension', user_id: 'login_id', provisioning_id: 'provisioning_id' }[by];
      return query.list(users, { [column]: number }, 'tenant_id');
    },
    users: (tenantId) => query.list(users, { tenant_id: tenantId }, 'extension'),
    searchUsers: userSearchIn(query, users),
    async addUser(user) {
      const added = { ...user, id: randomUUID() };
      const insertion = query.database(users.name).insert(users.toRow(added));
      const rows: unknown[] = await insertion.onConflict().ignore().returning('id');
      if (rows.length === 0) throw await takenBy(query, user);
      return added;
    },
    updateUser: (id, change) => query.update(users, { id }, change),
    removeUser: (id) => query.remove(users, { id }),
  });
}

/** Which number of a user is another's already. */
async function takenBy({ database }: Query, user: Omit<User, 'id'>): Promise<SelfprovError> {
  const { tenantId: tenant_id, extension, endpoint, loginId, provisioningId } = user;
  const isTaken = async (where: Row): Promise<boolean> =>
    (await database('users').where(where).first('id')) !== undefined;
  if (await isTaken({ tenant_id, extension })) return taken(`extension ${extension} exists already`);
  if (await isTaken({ endpoint }))
    return taken(`another tenant has an endpoint ${endpoint}: give this one another pattern`);
  if (loginId !== null && (await isTaken({ tenant_id, login_id: loginId })))
    return taken(`user ID ${loginId} is another’s`);
  return taken(`self-provisioning ID ${provisioningId} is another’s`);
}

function taken(message: string): SelfprovError {
  return new SelfprovError('conflict', message);
}
