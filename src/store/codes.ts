import { randomUUID } from 'node:crypto';
import type { Code } from '../domain/code.ts';
import type { Codes } from '../domain/ports.ts';
import type { Sealer } from '../secrets/sealer.ts';
import type { Query } from './query.ts';
import { table } from './table.ts';

export function codesIn(sealer: Sealer) {
  const codes = table<Code>(
    'codes',
    {
      id: 'text',
      tenantId: 'text',
      userId: 'text',
      hash: 'text',
      family: 'text',
      mac: 'text',
      createdAt: 'number',
      expiresAt: 'number',
      usedAt: 'number',
    },
    sealer,
  );
  return (query: Query): Codes => ({
    code: (id) => query.find(codes, { id }),
    codeByHash: (hash) => query.find(codes, { hash }),
    codes: (tenantId) => query.list(codes, { tenant_id: tenantId }, 'created_at'),
    async addCode(code) {
      const added = { ...code, id: randomUUID() };
      await query.insert(codes, added);
      return added;
    },
    useCode: (id, at) => query.update(codes, { id }, { usedAt: at }),
    removeCode: (id) => query.remove(codes, { id }),
    async removeCodes(expiredBefore) {
      await query.database(codes.name).where('expires_at', '<', expiredBefore).delete();
    },
  });
}
