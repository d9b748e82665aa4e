import type { Claim } from '../../domain/admission.ts';
import type { Store } from '../../domain/ports.ts';
import { DEFAULT_TENANT, tenantAt } from '../../domain/tenant.ts';

/** Whose new phones come through the door that a request came through. */
export async function tenantFor(
  store: Pick<Store, 'tenants'>,
  request: { readonly host?: string | undefined; readonly path: string; readonly door?: string; readonly claim: Claim },
): Promise<string> {
  const { host = null, path, door = path, claim } = request;
  return tenantAt(await store.tenants(), { host, path: door, address: claim.address })?.id ?? DEFAULT_TENANT;
}
