import type { Store } from '../domain/ports.ts';
import { policyOf, type Tenant } from '../domain/tenant.ts';
import { usersContextOf } from '../domain/levels.ts';
import type { NewPhones } from './tenants.ts';

/** What a tenant points to, by name. */
export interface TenantNames {
  /** Of new users. */
  readonly profile: string | null;
  readonly newPhones: NewPhones;
  /** Family → the same, where its phones differ. */
  readonly families: Readonly<Record<string, NewPhones>>;
}

export async function tenantNames(store: Store, tenant: Tenant): Promise<TenantNames> {
  const nameIn = (all: readonly { readonly id: string; readonly name: string }[], id: string | null): string | null =>
    all.find((each) => each.id === id)?.name ?? null;
  const lines = await store.lineTemplates(tenant.id);
  const devices = await store.deviceTemplates(tenant.id);
  const named = (lineTemplateId: string | null, deviceTemplateId: string | null): NewPhones => ({
    lineTemplate: nameIn(lines, lineTemplateId),
    deviceTemplate: nameIn(devices, deviceTemplateId),
  });
  return {
    profile: nameIn(await store.profiles(tenant.id), tenant.defaultProfileId),
    newPhones: named(tenant.defaultLineTemplateId, tenant.defaultDeviceTemplateId),
    families: Object.fromEntries(
      Object.entries(tenant.familyTemplates)
        .filter(([, { lineTemplateId, deviceTemplateId }]) => lineTemplateId !== null || deviceTemplateId !== null)
        .map(([family, { lineTemplateId, deviceTemplateId }]) => [family, named(lineTemplateId, deviceTemplateId)]),
    ),
  };
}

/** Whether Asterisk's files must be written anew. */
export function isOtherInAsterisk(before: Tenant, after: Tenant): boolean {
  const madeOf = (tenant: Tenant): string => {
    const { extension, releaseExtension, numberExtension, emergencyNumbers } = tenant;
    const numbers = [extension, releaseExtension, numberExtension, emergencyNumbers, policyOf(tenant).defaultNumbers];
    return JSON.stringify([numbers, usersContextOf(tenant)]);
  };
  return madeOf(before) !== madeOf(after);
}

const OPEN = 'whoever keys an extension in a call gets it: nobody has to prove anything (authentication none)';

/** What an administrator should know of it. */
export function warningsOf(tenant: Tenant): readonly string[] {
  return [
    ...(policyOf(tenant).authentication === 'none' ? [OPEN] : []),
    ...(tenant.emergencyNumbers.length === 0 ? ['phones that are nobody’s can call no emergency number'] : []),
  ];
}

/** As a reader sees it. */
export function withoutHash<T extends Tenant>({ administratorCodeHash, ...rest }: T) {
  return { ...rest, hasAdministratorCode: administratorCodeHash !== null };
}
