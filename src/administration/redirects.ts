import { SelfprovError } from '../domain/errors.ts';
import type { Redirect } from '../domain/redirect.ts';
import { POLICY_SETTINGS } from '../domain/policySettings.ts';
import type { Store } from '../domain/ports.ts';
import { DEFAULT_TENANT } from '../domain/tenant.ts';
import type { Core } from './core.ts';
import { plainSerial } from './devices.ts';
import { beginningWith, checkFamily } from './names.ts';

/** Which phones a rule is for, as an administrator writes it; what is missing fits all. */
export type RedirectInput = Partial<Omit<Redirect, 'id' | 'url'>> & { readonly url: string | null };

/** Rejects with `invalid`, with `not_found` for a family that there is not, and with `conflict` for a rule that is there. */
export async function addRedirect(
  { store, actor }: Core,
  families: readonly string[],
  input: RedirectInput,
): Promise<Redirect> {
  const rule = {
    mac: input.mac == null ? null : beginningOfMac(input.mac),
    serial: input.serial == null ? null : plainSerial(input.serial),
    family: input.family ?? null,
    model: input.model?.trim() ?? null,
    network: input.network == null ? null : (POLICY_SETTINGS.trustedNetworks.read(input.network)[0] ?? null),
    url: input.url === null ? null : goodUrl(input.url),
  };
  checkFamily(families, rule.family);
  return store.transaction(async (inside) => {
    const same = (await inside.redirects()).find((other) => conditions(other) === conditions({ id: '', ...rule }));
    if (same !== undefined)
      throw new SelfprovError('conflict', `there is a rule for these phones already: ${same.id.slice(0, 8)}`);
    const added = await inside.addRedirect(rule);
    const { id: name, ...detail } = added;
    const about = { step: 'created', tenantId: DEFAULT_TENANT, actor } as const;
    await inside.addEvent({ ...about, detail: { what: 'redirect', name, ...detail } });
    return added;
  });
}

/** `id` may be its beginning. Rejects with `not_found`. */
export async function redirectOf(store: Pick<Store, 'redirects'>, id: string): Promise<Redirect> {
  return beginningWith(await store.redirects(), id, `rule ${id}: see "selfprov redirect list"`);
}

/** `id` may be its beginning. Rejects with `not_found`. */
export async function removeRedirect({ store, actor }: Core, id: string): Promise<void> {
  await store.transaction(async (inside) => {
    const rule = await redirectOf(inside, id);
    await inside.removeRedirect(rule.id);
    const detail = { what: 'redirect', name: rule.id };
    await inside.addEvent({ step: 'deleted', tenantId: DEFAULT_TENANT, actor, detail });
  });
}

function conditions({ mac, serial, family, model, network }: Redirect): string {
  return JSON.stringify([mac, serial, family, model, network]);
}

function beginningOfMac(text: string): string {
  const digits = text.toLowerCase().replace(/[:\-. ]/g, '');
  if (/^[0-9a-f]{2,12}$/.test(digits)) return digits;
  throw new SelfprovError('invalid', `${JSON.stringify(text)} is not the beginning of a MAC address like 00:15:65`);
}

function goodUrl(text: string): string {
  const url = URL.parse(text.endsWith('/') ? text : `${text}/`);
  const isGood = url !== null && /^https?:$/.test(url.protocol) && url.search === '' && url.hash === '';
  if (isGood) return url.href;
  throw new SelfprovError('invalid', `${JSON.stringify(text)} is not a URL like https://phones.example/`);
}
