import { DEVICE_SETTINGS } from '../domain/deviceSettings.ts';
import { SelfprovError } from '../domain/errors.ts';
import type { Detail } from '../domain/journal.ts';
import { LINE_SETTINGS } from '../domain/lineSettings.ts';
import { orNotFound } from '../domain/orNotFound.ts';
import type { Store } from '../domain/ports.ts';
import type { Tenant } from '../domain/tenant.ts';
import type { Core } from './core.ts';
import { profileOf } from './profiles.ts';
import { changes, said, type Texts } from './settings.ts';
import { goodName, named } from './names.ts';
import { checkNumbers } from './numbers.ts';

/** Settings as texts; templates of new phones by their names. */
export type TenantChange = Partial<
  Pick<Tenant, 'name' | 'extension' | 'releaseExtension' | 'emergencyNumbers' | 'language' | 'trustedAddresses'>
> & {
  readonly profile?: string;
  readonly newPhones?: NewPhones;
  /** Family → the same for its new phones. */
  readonly families?: Readonly<Record<string, NewPhones>>;
  readonly texts?: Texts;
};

/** Names of templates; `null`: as for all, or none. */
export interface NewPhones {
  readonly lineTemplate?: string | null;
  readonly deviceTemplate?: string | null;
}

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
    const after = await changed(inside, before, change);
    goodName(after.name);
    if (languages !== null && !languages.includes(after.language)) {
      const there = languages.join(', ');
      throw new SelfprovError('invalid', `there are no prompts in language ${after.language}; there are: ${there}`);
    }
    await checkNumbers(inside, after);
    const detail = {
      ...plainChanges(before, after),
      ...changes(LINE_SETTINGS, before.lineSays, after.lineSays),
      ...changes(DEVICE_SETTINGS, before.deviceSays, after.deviceSays),
    };
    if (Object.keys(detail).length === 0) return before;
    await inside.updateTenant(id, after);
    await inside.addEvent({ step: 'tenant_changed', tenantId: id, actor, detail });
    return after;
  });
}

async function changed(store: Store, before: Tenant, change: TenantChange): Promise<Tenant> {
  const { profile, newPhones, families, texts = {}, ...plain } = change;
  const idOf = async (kind: 'line' | 'device', name: string): Promise<string> =>
    kind === 'line'
      ? named(await store.lineTemplates(before.id), name, 'line template').id
      : named(await store.deviceTemplates(before.id), name, 'device template').id;
  const idOrNull = async (kind: 'line' | 'device', name: string | null): Promise<string | null> =>
    name === null ? null : idOf(kind, name);
  const familyTemplates = { ...before.familyTemplates };
  for (const [family, { lineTemplate, deviceTemplate }] of Object.entries(families ?? {})) {
    const { lineTemplateId = null, deviceTemplateId = null } = familyTemplates[family] ?? {};
    familyTemplates[family] = {
      lineTemplateId: lineTemplate === undefined ? lineTemplateId : await idOrNull('line', lineTemplate),
      deviceTemplateId: deviceTemplate === undefined ? deviceTemplateId : await idOrNull('device', deviceTemplate),
    };
  }
  const { lineTemplate, deviceTemplate } = newPhones ?? {};
  return {
    ...before,
    ...plain,
    familyTemplates,
    lineSays: said(LINE_SETTINGS, before.lineSays, texts),
    deviceSays: said(DEVICE_SETTINGS, before.deviceSays, texts),
    ...(profile === undefined ? {} : { defaultProfileId: (await profileOf(store, before.id, profile)).id }),
    ...(lineTemplate === undefined ? {} : { defaultLineTemplateId: await idOrNull('line', lineTemplate) }),
    ...(typeof deviceTemplate === 'string' ? { defaultDeviceTemplateId: await idOf('device', deviceTemplate) } : {}),
  };
}

function plainChanges(before: Tenant, after: Tenant): Detail {
  const { lineSays: _, deviceSays: __, ...plain } = after;
  const different = Object.entries(plain).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name as keyof Tenant]),
  );
  return Object.fromEntries(
    different.map(([name, value]) => [name, typeof value === 'object' ? JSON.stringify(value) : value]),
  );
}
