import { SelfprovError } from '../domain/errors.ts';
import type { Store } from '../domain/ports.ts';
import { POLICY_SETTINGS } from '../domain/policySettings.ts';

/**
 * Where a tenant's new phones come from. Throws `invalid` for what is no URL of phones, and for what is no network; `conflict`
 * for what is another tenant's: nobody could say whose a phone is that asks there.
 */
export async function checkDoors(
  store: Store,
  tenantId: string,
  { urls = [], networks = [] }: { readonly urls?: readonly string[]; readonly networks?: readonly string[] },
): Promise<void> {
  for (const url of urls) {
    const isGood = /^https?:$/.test(URL.parse(url)?.protocol ?? '') && url.endsWith('/') && !/[?#]/.test(url);
    if (!isGood) throw new SelfprovError('invalid', `${url} is not a URL like https://phones.example/acme/`);
  }
  for (const network of networks) POLICY_SETTINGS.trustedNetworks.read(network);
  const others = (await store.tenants()).filter(({ id }) => id !== tenantId);
  for (const door of [...urls, ...networks]) {
    const other = others.find((each) => each.urls.includes(door) || each.networks.includes(door));
    if (other !== undefined) throw new SelfprovError('conflict', `${door} is of tenant ${other.id} already`);
  }
}
