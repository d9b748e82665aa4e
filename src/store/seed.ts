import { isRefusal } from '../domain/errors.ts';
import type { Store } from '../domain/ports.ts';
import { DEFAULT_TENANT, USUAL_REALM, type Tenant } from '../domain/tenant.ts';

/** What the first tenant of an empty database is made of. */
export interface FirstTenant {
  readonly extension: string;
  readonly releaseExtension: string;
  readonly numberExtension: string;
  readonly emergencyNumbers: readonly string[];
  readonly language: string;
  readonly timeZone: string;
  /** Dialplan context of users' calls. */
  readonly context: string;
}

/** Writes the tenant `default` with one profile and its templates; does nothing when there is a tenant. */
export async function seedTenant(store: Store, first: FirstTenant): Promise<void> {
  if ((await store.tenants()).length > 0) return;
  const { extension, releaseExtension, numberExtension, emergencyNumbers, language, timeZone, context } = first;
  const tenant: Tenant = {
    id: DEFAULT_TENANT,
    name: 'Default',
    realm: USUAL_REALM,
    endpointPattern: '{extension}',
    urls: [],
    networks: [],
    ...{ extension, releaseExtension, numberExtension, emergencyNumbers },
    defaultProfileId: DEFAULT_TENANT,
    defaultDeviceTemplateId: DEFAULT_TENANT,
    defaultLineTemplateId: null,
    familyTemplates: {},
    lineSays: { context },
    deviceSays: { language, timeZone },
    policySays: { prompts: [language] },
    administratorCodeHash: null,
    trustedAddresses: 'private',
  };
  try {
    await store.transaction((inside) => inside.addTenant(tenant));
  } catch (error) {
    // Another process that starts at the same moment was faster.
    if (!isRefusal(error, 'conflict')) throw error;
  }
}
