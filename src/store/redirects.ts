import { randomUUID } from 'node:crypto';
import type { Redirects } from '../domain/ports.ts';
import type { Redirect } from '../domain/redirect.ts';
import type { Sealer } from '../secrets/sealer.ts';
import type { Query } from './query.ts';
import { table } from './table.ts';

export function redirectsIn(sealer: Sealer) {
  const all = table<Redirect>(
    'redirects',
    { id: 'text', mac: 'text', serial: 'text', family: 'text', model: 'text', network: 'text', url: 'text' },
    sealer,
  );
  return (query: Query): Redirects => ({
    redirects: () => query.list(all, {}, 'id'),
    async addRedirect(redirect) {
      const added = { ...redirect, id: randomUUID() };
      await query.insert(all, added);
      return added;
    },
    removeRedirect: (id) => query.remove(all, { id }),
  });
}
