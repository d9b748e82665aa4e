import type { Store } from '../../domain/ports.ts';
import type { Common } from '../../domain/snapshot.ts';

type Shared = Pick<Store, 'site' | 'tenant' | 'tenants' | 'profile' | 'lineTemplate' | 'deviceTemplate'>;

/** What phones have in common, read from `common` while that gives something; what it lacks may have been made since. */
export function commonAtHand(store: Shared, common: () => Common | undefined): Shared {
  return {
    site: async () => common()?.site ?? store.site(),
    tenants: async () => values(common()?.tenants) ?? store.tenants(),
    tenant: async (id) => found(common()?.tenants, id, store.tenant),
    profile: async (id) => found(common()?.profiles, id, store.profile),
    lineTemplate: async (id) => found(common()?.lineTemplates, id, store.lineTemplate),
    deviceTemplate: async (id) => found(common()?.deviceTemplates, id, store.deviceTemplate),
  };
}

function values<T>(all: ReadonlyMap<string, T> | undefined): readonly T[] | undefined {
  return all && [...all.values()];
}

async function found<T>(
  all: ReadonlyMap<string, T> | undefined,
  id: string,
  read: (id: string) => Promise<T | undefined>,
): Promise<T | undefined> {
  return all?.get(id) ?? read(id);
}
