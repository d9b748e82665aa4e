import { addAdministrator, FIRST_ADMINISTRATOR, invite } from './administration/administrators.ts';
import type { Core } from './administration/core.ts';
import type { Config } from './config.ts';
import type { Secret } from './domain/secret.ts';

/** Where an administrator chooses a password. */
export function welcomeLink({ admin }: Config, token: Secret): string {
  return `${admin.url}welcome/${token.reveal()}`;
}

/**
 * While nobody can sign in: a link by which the first administrator chooses a password, once and within a day; those that were given
 * before are worth nothing then. `undefined` once somebody has one.
 */
export async function firstLink(core: Core, config: Config): Promise<string | undefined> {
  const all = await core.store.administrators();
  if (all.some(({ passwordHash }) => passwordHash !== null)) return undefined;
  const first = all.find(({ role, tenantId }) => role === 'administrator' && tenantId === null);
  const { name } =
    first ?? (await addAdministrator(core, { name: FIRST_ADMINISTRATOR, role: 'administrator', tenantId: null }));
  return welcomeLink(config, (await invite(core, null, name)).token);
}
