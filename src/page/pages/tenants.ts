import { SelfprovError } from '../../domain/errors.ts';
import { DEFAULT_TENANT } from '../../domain/tenant.ts';
import { actsFor, allowed, ROWS, wordsFor, type Page } from '../page.ts';

/** Every customer, for who has all of them. */
export const TENANT_LIST: Page = {
  path: '/tenants',
  view: 'tenants',
  nav: { word: 'tenants', right: 'see', isMore: true },
  async load(looking) {
    const { ask, here, query, visitor } = looking;
    if (visitor.tenantId !== null)
      throw new SelfprovError('unauthorized', 'this is for who has all tenants', { reason: 'forbidden' });
    const { after = '' } = query;
    const paged = { limit: String(ROWS), ...(after === '' ? {} : { after }) };
    const { items, next } = await ask('listTenants', { query: paged });
    const act = actsFor(looking);
    return {
      ...{ title: wordsFor(looking)('tenants.title'), here, mayAdd: visitor.rights.has('policy') },
      tenants: items.map(({ id, name, users, devices, urls, warnings }) => ({
        ...{ id, name, users, devices, urls: urls.join(' '), warnings, href: `/t/${id}`, policy: `/t/${id}/policy` },
        // One with users or devices is not removed, and the first one never.
        acts: allowed([
          users + devices > 0 || id === DEFAULT_TENANT
            ? null
            : act('policy', 'removeTenant', 'tenants.remove', { tenant: id }, 'tenants.removeSure'),
        ]),
      })),
      next: next === null ? null : `?${new URLSearchParams({ after: next }).toString()}`,
    };
  },
};
