import { randomUUID } from 'node:crypto';
import type { ApiToken, KeptAnswer } from '../domain/access.ts';
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

    keptAnswer: (actor, key) => query.find(answers, { actor, key }),
    addKeptAnswer: (answer) => query.insert(answers, answer),
    async removeKeptAnswers(before) {
      await query.run(`DELETE FROM ${answers.name} WHERE at < ?`, [before]);
    },
  });
}
