import { INVITED_MS, ROLES, type Administrator, type Role } from '../domain/access.ts';
import { SelfprovError } from '../domain/errors.ts';
import { orNotFound } from '../domain/orNotFound.ts';
import type { Store } from '../domain/ports.ts';
import type { Secret } from '../domain/secret.ts';
import { didYouMean } from '../domain/similar.ts';
import { DEFAULT_TENANT } from '../domain/tenant.ts';
import type { Core } from './core.ts';
import { differences } from './settings.ts';
import { knownTenant } from './tenants.ts';

/** An administrator as others see one. */
export type AdministratorShown = Omit<Administrator, 'passwordHash'> & {
  /** Whether a password has been chosen. */
  readonly hasPassword: boolean;
};

/** The one that the first start makes. */
export const FIRST_ADMINISTRATOR = 'admin';

const NAME = /^[A-Za-z][\w.@-]{0,59}$/;

/** Somebody who may sign in once a password is chosen: `invite` gives the link for that. Rejects with `invalid`, `not_found` or `conflict`. */
export async function addAdministrator(
  { store, now, actor }: Core,
  { name: given, role, tenantId }: { readonly name: string; readonly role: string; readonly tenantId: string | null },
): Promise<AdministratorShown> {
  const name = given.trim().toLowerCase();
  if (!NAME.test(given.trim()))
    throw new SelfprovError(
      'invalid',
      'the name of an administrator is like ann or ann@example.com: up to 60 characters',
    );
  const added = { name, role: roleNamed(role), tenantId, passwordHash: null, createdAt: now() };
  return store.transaction(async (inside) => {
    if (tenantId !== null) await knownTenant(inside, tenantId);
    if ((await inside.administrator(name)) !== undefined)
      throw new SelfprovError('conflict', `there is an administrator ${name} already`);
    await inside.addAdministrator(added);
    const detail = { what: 'administrator', name, role: added.role, tenant: tenantId ?? 'all' };
    await inside.addEvent({ step: 'created', tenantId: tenantId ?? DEFAULT_TENANT, actor, detail });
    return shown(added);
  });
}

/** By name; of one tenant, or all. */
export async function listAdministrators(
  { store }: Pick<Core, 'store'>,
  tenantId: string | null,
): Promise<readonly AdministratorShown[]> {
  const all = await store.administrators();
  return all.filter((each) => tenantId === null || each.tenantId === tenantId).map(shown);
}

/** Rejects with `not_found`; one of another tenant than `of` is not there. */
export async function administratorOf(store: Store, of: string | null, name: string): Promise<Administrator> {
  const found = await store.administrator(name.trim().toLowerCase());
  const isSeen = found !== undefined && (of === null || found.tenantId === of);
  return orNotFound(isSeen ? found : undefined, `administrator ${name}: see "selfprov administrator list"`);
}

/** Whoever is signed in goes on with the new role. Rejects with `conflict` where nobody would be left who decides who may. */
export async function changeAdministrator(
  { store, actor }: Core,
  of: string | null,
  name: string,
  change: { readonly role: string },
): Promise<AdministratorShown> {
  const role = roleNamed(change.role);
  return store.transaction(async (inside) => {
    const before = await administratorOf(inside, of, name);
    if (role !== 'administrator') await refuseLast(inside, before);
    await inside.updateAdministrator(before.name, { role });
    const detail = { what: 'administrator', name: before.name, ...differences({ role: before.role }, { role }) };
    await inside.addEvent({ step: 'changed', tenantId: before.tenantId ?? DEFAULT_TENANT, actor, detail });
    return shown({ ...before, role });
  });
}

/** Signed out everywhere, and gone. Rejects as `changeAdministrator` does. */
export async function removeAdministrator({ store, actor }: Core, of: string | null, given: string): Promise<void> {
  await store.transaction(async (inside) => {
    const before = await administratorOf(inside, of, given);
    await refuseLast(inside, before);
    const { name, tenantId } = before;
    await inside.removeAdministrator(name);
    const detail = { what: 'administrator', name };
    await inside.addEvent({ step: 'deleted', tenantId: tenantId ?? DEFAULT_TENANT, actor, detail });
  });
}

/**
 * What a link is made of with which this administrator chooses a password, once and within a day, the first or another one; links
 * that were made before are none any more. Rejects with `not_found`.
 */
export async function invite(
  { store, secrets, now, actor }: Core,
  of: string | null,
  given: string,
): Promise<{ readonly token: Secret; readonly expiresAt: number }> {
  const token = secrets.token();
  return store.transaction(async (inside) => {
    const { name, tenantId } = await administratorOf(inside, of, given);
    const expiresAt = now() + INVITED_MS;
    await inside.putInvitation({ hash: secrets.hashCode(token), administrator: name, expiresAt });
    const detail = { what: 'invitation', name, until: expiresAt };
    await inside.addEvent({ step: 'created', tenantId: tenantId ?? DEFAULT_TENANT, actor, detail });
    return { token, expiresAt };
  });
}

async function refuseLast(store: Store, { name, role, tenantId }: Administrator): Promise<void> {
  if (role !== 'administrator' || tenantId !== null) return;
  const others = (await store.administrators()).filter(
    (each) => each.name !== name && each.role === 'administrator' && each.tenantId === null,
  );
  if (others.length === 0)
    throw new SelfprovError('conflict', `${name} is the last administrator of all tenants: add another one first`);
}

function roleNamed(name: string): Role {
  const known = Object.keys(ROLES) as Role[];
  const found = known.find((each) => each === name.trim().toLowerCase().replaceAll(/[ -]/g, ''));
  if (found !== undefined) return found;
  throw new SelfprovError('invalid', `there is no role ${name}: ${known.join(', ')}${didYouMean(name, known)}`);
}

function shown({ passwordHash, ...rest }: Administrator): AdministratorShown {
  return { ...rest, hasPassword: passwordHash !== null };
}
