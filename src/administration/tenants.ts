import { SelfprovError } from '../domain/errors.ts';
import { orNotFound } from '../domain/orNotFound.ts';
import type { Tenant } from '../domain/tenant.ts';
import type { Core } from './core.ts';
import { goodName } from './names.ts';
import { checkNumbers } from './numbers.ts';

export type TenantChange = Partial<
  Pick<Tenant, 'name' | 'extension' | 'releaseExtension' | 'emergencyNumbers' | 'language' | 'trustedAddresses'>
>;

export async function showTenant({ store }: Pick<Core, 'store'>, id: string): Promise<Tenant> {
  return orNotFound(await store.tenant(id), 'tenant');
}

/** Changes what holds for all; nothing of it when one part cannot be. Rejects with `invalid` or `conflict`. */
export async function changeTenant(
  { store, actor, languages }: Core,
  id: string,
  change: TenantChange,
): Promise<Tenant> {
  return store.transaction(async (inside) => {
    const before = await showTenant({ store: inside }, id);
    const after = { ...before, ...change };
    goodName(after.name);
    if (languages !== null && !languages.includes(after.language)) {
      const there = languages.join(', ');
      throw new SelfprovError('invalid', `there are no prompts in language ${after.language}; there are: ${there}`);
    }
    await checkNumbers(inside, after);
    const changed = Object.entries(change).filter(
      ([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name as keyof TenantChange]),
    );
    if (changed.length === 0) return before;
    await inside.updateTenant(id, change);
    const detail = Object.fromEntries(changed.map(([name, value]) => [name, String(value)]));
    await inside.addEvent({ step: 'tenant_changed', tenantId: id, actor, detail });
    return after;
  });
}
