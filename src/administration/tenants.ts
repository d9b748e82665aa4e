import { DEVICE_SETTINGS } from '../domain/deviceSettings.ts';
import { SelfprovError } from '../domain/errors.ts';
import type { Detail } from '../domain/journal.ts';
import { LINE_SETTINGS } from '../domain/lineSettings.ts';
import type { Store } from '../domain/ports.ts';
import type { Secret } from '../domain/secret.ts';
import { POLICY_SETTINGS, type Policy } from '../domain/policySettings.ts';
import { codeProblem } from '../domain/pin.ts';
import { didYouMean } from '../domain/similar.ts';
import { DEFAULT_TENANT, policyOf, USUAL_REALM, type Tenant } from '../domain/tenant.ts';
import { renumberLines } from '../provisioning/files/defaultNumbers.ts';
import type { Core } from './core.ts';
import { profileOf } from './profiles.ts';
import { changes, differences, said, type Texts } from './settings.ts';
import { checkDoors } from './doors.ts';
import { goodName, named } from './names.ts';
import { checkNumbers } from './numbers.ts';

/** Settings as texts; templates of new phones by their names. */
export type TenantChange = Partial<
  Pick<
    Tenant,
    | 'name'
    | 'extension'
    | 'releaseExtension'
    | 'numberExtension'
    | 'emergencyNumbers'
    | 'urls'
    | 'networks'
    | 'trustedAddresses'
  >
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

const ID = /^[a-z][a-z0-9]{0,19}$/;

export async function listTenants({
  store,
}: Core): Promise<readonly (Tenant & { readonly users: number; readonly devices: number })[]> {
  const all = await store.tenants();
  return Promise.all(
    all.map(async (tenant) => ({
      ...tenant,
      users: (await store.users(tenant.id)).length,
      devices: (await store.devices(tenant.id)).length,
    })),
  );
}

/** One more customer: numbers, language and time zone as the first has them. Rejects with `invalid` or `conflict`. */
export async function addTenant(
  core: Core,
  input: { readonly id: string; readonly realm?: string; readonly endpointPattern?: string } & TenantChange,
): Promise<Tenant> {
  const { id, realm = USUAL_REALM, endpointPattern = `${id}-{extension}`, ...change } = input;
  if (!ID.test(id)) throw new SelfprovError('invalid', 'the id of a tenant is a word like acme: a-z and 0-9, up to 20');
  if (!/^[\w.-]{1,40}$/.test(realm)) throw new SelfprovError('invalid', `${JSON.stringify(realm)} is not a realm`);
  if (!/^[\w.-]{0,20}\{extension\}[\w.-]{0,20}$/.test(endpointPattern) || endpointPattern.startsWith('phone-'))
    throw new SelfprovError('invalid', `an endpoint pattern is like ${id}-{extension}`);
  return core.store.transaction(async (store) => {
    const like = await showTenant({ store }, DEFAULT_TENANT);
    if ((await store.tenant(id)) !== undefined) throw new SelfprovError('conflict', `tenant ${id} exists already`);
    const other = (await store.tenants()).find((each) => each.endpointPattern === endpointPattern);
    if (other !== undefined)
      throw new SelfprovError('conflict', `tenant ${other.id} has the endpoint pattern ${endpointPattern} already`);
    await store.addTenant({
      ...like,
      ...{ id, name: id, realm, endpointPattern, urls: [], networks: [], familyTemplates: {} },
      ...{ defaultProfileId: id, defaultDeviceTemplateId: id, defaultLineTemplateId: null },
      lineSays: ownContext(id),
      policySays: { prompts: policyOf(like).prompts },
      administratorCodeHash: null,
    });
    const added = await changeTenant({ ...core, store }, id, change);
    await store.addEvent({ step: 'created', tenantId: id, actor: core.actor, detail: { what: 'tenant', name: id } });
    return added;
  });
}

/** Rejects with `conflict` while it has users or devices, and for the first one. */
export async function removeTenant({ store: outside, actor }: Core, id: string): Promise<void> {
  if (id === DEFAULT_TENANT) throw new SelfprovError('conflict', 'the first tenant stays: new phones go to it');
  await outside.transaction(async (store) => {
    await showTenant({ store }, id);
    const [users, devices] = [await store.users(id), await store.devices(id)];
    if (users.length + devices.length > 0)
      throw new SelfprovError(
        'conflict',
        `tenant ${id} has ${users.length} users and ${devices.length} devices: remove or move them first`,
      );
    for (const profile of await store.profiles(id)) await store.removeProfile(profile.id);
    for (const template of await store.lineTemplates(id)) await store.removeLineTemplate(template.id);
    for (const template of await store.deviceTemplates(id)) await store.removeDeviceTemplate(template.id);
    await store.removeTenant(id);
    await store.addEvent({ step: 'deleted', tenantId: id, actor, detail: { what: 'tenant', name: id } });
  });
}

/**
 * What administrators key in a call, which gives them the line of any user: as hard to guess as a numeric password; none closes
 * that way. Rejects with `invalid`.
 */
export async function setAdministratorCode(
  { store, secrets, actor }: Core,
  id: string,
  code: Secret | null,
): Promise<void> {
  const problem = code === null ? undefined : codeProblem(code.reveal());
  if (problem !== undefined) throw new SelfprovError('invalid', problem);
  const administratorCodeHash = code === null ? null : await secrets.hashPin(code);
  await store.transaction(async (inside) => {
    await inside.updateTenant(id, { administratorCodeHash });
    await inside.forgiveTries('administrator', id, id);
    const detail = { administratorCode: code === null ? 'none' : 'changed' };
    await inside.addEvent({ step: 'tenant_changed', tenantId: id, actor, detail });
  });
}

export function showTenant({ store }: Pick<Core, 'store'>, id: string): Promise<Tenant> {
  return knownTenant(store, id);
}

/** Rejects with `not_found`. */
export async function knownTenant(store: Store, id: string): Promise<Tenant> {
  const found = await store.tenant(id);
  if (found !== undefined) return found;
  const ids = (await store.tenants()).map((tenant) => tenant.id);
  throw new SelfprovError('not_found', `there is no tenant ${id}: see "selfprov tenant list"${didYouMean(id, ids)}`);
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
    checkPrompts(languages, policyOf(before), policyOf(after));
    checkProof(policyOf(after));
    await checkNumbers(inside, before, after);
    await checkDoors(inside, id, change);
    const detail = {
      ...plainChanges(before, after),
      ...changes(LINE_SETTINGS, before.lineSays, after.lineSays),
      ...changes(DEVICE_SETTINGS, before.deviceSays, after.deviceSays),
      ...changes(POLICY_SETTINGS, before.policySays, after.policySays),
    };
    if (Object.keys(detail).length === 0) return before;
    await inside.updateTenant(id, after);
    await inside.addEvent({ step: 'tenant_changed', tenantId: id, actor, detail });
    if ('defaultNumbers' in detail) await renumberLines(inside, after);
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
  // Says every mistake, whichever of the three it is in.
  said({ ...LINE_SETTINGS, ...DEVICE_SETTINGS, ...POLICY_SETTINGS }, {}, texts);
  if (deviceTemplate === null)
    throw new SelfprovError('invalid', 'phones without a user have a device template: "none" is for one --family');
  return {
    ...before,
    ...plain,
    familyTemplates,
    lineSays: { ...ownContext(before.id), ...said(LINE_SETTINGS, before.lineSays, texts) },
    deviceSays: said(DEVICE_SETTINGS, before.deviceSays, texts),
    policySays: said(POLICY_SETTINGS, before.policySays, texts),
    ...(profile === undefined ? {} : { defaultProfileId: (await profileOf(store, before.id, profile)).id }),
    ...(lineTemplate === undefined ? {} : { defaultLineTemplateId: await idOrNull('line', lineTemplate) }),
    ...(typeof deviceTemplate === 'string' ? { defaultDeviceTemplateId: await idOf('device', deviceTemplate) } : {}),
  };
}

/** Calls of users start in a context of their tenant's own, whatever is taken back: never in that of the first one's. */
function ownContext(id: string): Tenant['lineSays'] {
  return id === DEFAULT_TENANT ? {} : { context: `users-${id}` };
}

function plainChanges(before: Tenant, after: Tenant): Detail {
  const { lineSays: _, deviceSays: __, policySays: ___, administratorCodeHash: ____, ...plain } = after;
  return differences(before, plain);
}

/** Throws `invalid` for a proof that no phone could give. */
function checkProof({ inventoryProof, trustedNetworks }: Policy): void {
  if (inventoryProof.includes('network') && trustedNetworks.length === 0)
    throw new SelfprovError('invalid', '--inventory-proof network needs --trusted-networks, like 10.1.0.0/16');
}

/** Throws `invalid` for a new language whose prompts are not all there; a tenant's own folder is its own to fill. */
function checkPrompts(languages: readonly string[] | null, before: Policy, { prompts, sounds }: Policy): void {
  const known = before.sounds === null ? before.prompts : [];
  const missing = prompts.find((language) => !known.includes(language) && languages?.includes(language) === false);
  if (missing === undefined || sounds !== null) return;
  const why = `the prompts of language ${missing} are not all there: see "selfprov sounds check"`;
  throw new SelfprovError('invalid', `${why}; complete are: ${languages?.join(', ') || 'none'}`);
}
