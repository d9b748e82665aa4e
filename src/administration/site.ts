import { DEFAULT_TENANT } from '../domain/tenant.ts';
import { PLAIN_SITE, SITE_SETTINGS, type Site } from '../domain/site.ts';
import type { Core } from './core.ts';
import { changes, said, type Texts } from './settings.ts';

/** Changes the switches above those of every tenant. Rejects with `invalid`. */
export async function changeSite({ store, actor }: Core, texts: Texts): Promise<Site> {
  return store.transaction(async (inside) => {
    const before = await inside.site();
    const after = { ...PLAIN_SITE, ...said(SITE_SETTINGS, before, texts) };
    const detail = changes(SITE_SETTINGS, before, after);
    if (Object.keys(detail).length === 0) return before;
    await inside.putSite(after);
    const what = { what: 'system', name: 'system', ...detail };
    await inside.addEvent({ step: 'changed', tenantId: DEFAULT_TENANT, actor, detail: what });
    return after;
  });
}
