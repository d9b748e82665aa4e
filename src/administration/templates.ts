import { DEVICE_SETTINGS, type DeviceSettings } from '../domain/deviceSettings.ts';
import { SelfprovError } from '../domain/errors.ts';
import { LINE_SETTINGS, type LineSettings } from '../domain/lineSettings.ts';
import type { Store } from '../domain/ports.ts';
import type { Said, SettingsOf } from '../domain/settings.ts';
import type { Core } from './core.ts';
import { goodName, named } from './names.ts';
import { changes, said, shown, type Texts } from './settings.ts';

interface Template<T> {
  readonly id: string;
  readonly tenantId: string;
  readonly name: string;
  readonly says: Said<T>;
}

/** What line templates and device templates have each of their own. */
export interface TemplateKind<T extends object> {
  readonly what: string;
  readonly settings: SettingsOf<T>;
  /** Where a profile, and a tenant for new phones, names one. */
  readonly inProfile: 'lineTemplateId' | 'deviceTemplateId';
  readonly inTenant: 'defaultLineTemplateId' | 'defaultDeviceTemplateId';
  all(store: Store, tenantId: string): Promise<readonly Template<T>[]>;
  add(store: Store, template: Omit<Template<T>, 'id'>): Promise<Template<T>>;
  update(store: Store, id: string, change: Partial<Pick<Template<T>, 'name' | 'says'>>): Promise<void>;
  remove(store: Store, id: string): Promise<void>;
}

export const LINE_TEMPLATES: TemplateKind<LineSettings> = {
  what: 'line template',
  settings: LINE_SETTINGS,
  inProfile: 'lineTemplateId',
  inTenant: 'defaultLineTemplateId',
  all: (store, tenantId) => store.lineTemplates(tenantId),
  add: (store, template) => store.addLineTemplate(template),
  update: (store, id, change) => store.updateLineTemplate(id, change),
  remove: (store, id) => store.removeLineTemplate(id),
};

export const DEVICE_TEMPLATES: TemplateKind<DeviceSettings> = {
  what: 'device template',
  settings: DEVICE_SETTINGS,
  inProfile: 'deviceTemplateId',
  inTenant: 'defaultDeviceTemplateId',
  all: (store, tenantId) => store.deviceTemplates(tenantId),
  add: (store, template) => store.addDeviceTemplate(template),
  update: (store, id, change) => store.updateDeviceTemplate(id, change),
  remove: (store, id) => store.removeDeviceTemplate(id),
};

export interface TemplateShown {
  readonly name: string;
  readonly says: Readonly<Record<string, string>>;
  /** Profiles, and what else names it. */
  readonly usedBy: readonly string[];
}

export async function listTemplates<T extends object>(
  core: Core,
  kind: TemplateKind<T>,
  tenantId: string,
): Promise<readonly TemplateShown[]> {
  const all = await kind.all(core.store, tenantId);
  return Promise.all(all.map((template) => show(core.store, kind, template)));
}

/** Rejects with `not_found`. */
export async function showTemplate<T extends object>(
  { store }: Core,
  kind: TemplateKind<T>,
  tenantId: string,
  name: string,
): Promise<TemplateShown> {
  return show(store, kind, named(await kind.all(store, tenantId), name, kind.what));
}

/** One as it would be with these settings; nothing is saved. Rejects with `not_found` or `invalid`. */
export async function templateAs<T extends object>(
  { store }: Pick<Core, 'store'>,
  kind: TemplateKind<T>,
  { tenantId, name, texts }: { readonly tenantId: string; readonly name: string; readonly texts: Texts },
): Promise<Template<T>> {
  const template = named(await kind.all(store, tenantId), name, kind.what);
  return { ...template, says: said(kind.settings, template.says, texts) };
}

/** Rejects with `invalid`, and with `conflict` when the name is taken. */
export async function addTemplate<T extends object>(
  { store, actor }: Core,
  kind: TemplateKind<T>,
  { tenantId, name, texts }: { readonly tenantId: string; readonly name: string; readonly texts: Texts },
): Promise<TemplateShown> {
  const says = said(kind.settings, {}, texts);
  return store.transaction(async (inside) => {
    const added = await kind.add(inside, { tenantId, name: goodName(name), says });
    const detail = { what: kind.what, name: added.name, ...shown(kind.settings, says) };
    await inside.addEvent({ step: 'created', tenantId, actor, detail });
    return show(inside, kind, added);
  });
}

/** Rejects with `not_found`, `invalid` or `conflict`; nothing of it is done then. */
export async function changeTemplate<T extends object>(
  { store, actor }: Core,
  kind: TemplateKind<T>,
  input: { readonly tenantId: string; readonly name: string; readonly newName?: string; readonly texts: Texts },
): Promise<TemplateShown> {
  const { tenantId, name, newName, texts } = input;
  return store.transaction(async (inside) => {
    const all = await kind.all(inside, tenantId);
    const before = named(all, name, kind.what);
    const after = {
      ...before,
      says: said(kind.settings, before.says, texts),
      name: newName === undefined ? before.name : goodName(newName),
    };
    if (after.name !== before.name && all.some((other) => other.name === after.name))
      throw new SelfprovError('conflict', `there is a ${kind.what} ${after.name} already`);
    const renamed = after.name === before.name ? {} : { newName: after.name };
    const changed = { ...renamed, ...changes(kind.settings, before.says, after.says) };
    if (Object.keys(changed).length > 0) {
      await kind.update(inside, before.id, { name: after.name, says: after.says });
      await inside.addEvent({
        step: 'changed',
        tenantId,
        actor,
        detail: { what: kind.what, name: before.name, ...changed },
      });
    }
    return show(inside, kind, after);
  });
}

/** Rejects with `not_found`, and with `conflict` when something names it. */
export async function removeTemplate<T extends object>(
  { store, actor }: Core,
  kind: TemplateKind<T>,
  tenantId: string,
  name: string,
): Promise<void> {
  await store.transaction(async (inside) => {
    const template = named(await kind.all(inside, tenantId), name, kind.what);
    const { usedBy } = await show(inside, kind, template);
    if (usedBy.length > 0)
      throw new SelfprovError(
        'conflict',
        `${kind.what} ${name} is used by ${usedBy.join(', ')}: give them another first`,
      );
    await kind.remove(inside, template.id);
    await inside.addEvent({ step: 'deleted', tenantId, actor, detail: { what: kind.what, name: template.name } });
  });
}

async function show<T extends object>(
  store: Store,
  kind: TemplateKind<T>,
  { id, tenantId, name, says }: Template<T>,
): Promise<TemplateShown> {
  const profiles = await store.profiles(tenantId);
  const tenant = await store.tenant(tenantId);
  const families = Object.entries(tenant?.familyTemplates ?? {});
  return {
    name,
    says: shown(kind.settings, says),
    usedBy: [
      ...profiles.filter((profile) => profile[kind.inProfile] === id).map((profile) => `profile ${profile.name}`),
      ...(tenant?.[kind.inTenant] === id ? ['new phones'] : []),
      ...families
        .filter(([, templates]) => templates[kind.inProfile] === id)
        .map(([family]) => `new phones of family ${family}`),
    ],
  };
}
