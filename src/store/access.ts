import { randomUUID } from 'node:crypto';
import type { Administrator, ApiToken, Invitation, KeptAnswer, Session } from '../domain/access.ts';
import type { Access } from '../domain/ports.ts';
import type { Sealer } from '../secrets/sealer.ts';
import type { Query } from './query.ts';
import { table } from './table.ts';

export function accessIn(sealer: Sealer) {
  const tokens = table<ApiToken>(
    'api_tokens',
    {
      ...{ id: 'text', name: 'text', hash: 'text', scopes: 'list', tenantId: 'text' },
      ...{ createdAt: 'number', expiresAt: 'number', usedAt: 'number' },
    },
    sealer,
  );
  const answers = table<KeptAnswer>(
    'api_answers',
    { actor: 'text', key: 'text', request: 'text', status: 'number', answer: 'secret', at: 'number' },
    sealer,
  );
  const administrators = table<Administrator>(
    'administrators',
    { name: 'text', role: 'text', tenantId: 'text', passwordHash: 'text', createdAt: 'number' },
    sealer,
  );
  const invitations = table<Invitation>(
    'invitations',
    { hash: 'text', administrator: 'text', expiresAt: 'number' },
    sealer,
  );
  const sessions = table<Session>(
    'sessions',
    { hash: 'text', administrator: 'text', createdAt: 'number', seenAt: 'number' },
    sealer,
  );
  return (query: Query): Access => ({
    apiTokenByHash: (hash) => query.find(tokens, { hash }),
    apiTokens: () => query.list(tokens, {}, 'name'),
    async addApiToken(token) {
      const added = { ...token, id: randomUUID() };
      await query.insert(tokens, added);
      return added;
    },
    useApiToken: (id, at) => query.update(tokens, { id }, { usedAt: at }),
    removeApiToken: (id) => query.remove(tokens, { id }),

    administrator: (name) => query.find(administrators, { name }),
    administrators: () => query.list(administrators, {}, 'name'),
    addAdministrator: (administrator) => query.insert(administrators, administrator),
    updateAdministrator: (name, change) => query.update(administrators, { name }, change),
    removeAdministrator: (name) => query.remove(administrators, { name }),

    invitation: (hash) => query.find(invitations, { hash }),
    putInvitation: (invitation) => query.put(invitations, invitations.toRow(invitation), ['administrator']),
    removeInvitations: (administrator) => query.remove(invitations, { administrator }),

    session: (hash) => query.find(sessions, { hash }),
    addSession: (session) => query.insert(sessions, session),
    useSession: (hash, at) => query.update(sessions, { hash }, { seenAt: at }),
    removeSession: (hash) => query.remove(sessions, { hash }),
    removeSessionsOf: (administrator) => query.remove(sessions, { administrator }),
    async removeSessions(createdBefore) {
      await query.run(`DELETE FROM ${sessions.name} WHERE created_at < ?`, [createdBefore]);
    },

    keptAnswer: (actor, key) => query.find(answers, { actor, key }),
    addKeptAnswer: (answer) => query.insert(answers, answer),
    async removeKeptAnswers(before) {
      await query.run(`DELETE FROM ${answers.name} WHERE at < ?`, [before]);
    },
  });
}
