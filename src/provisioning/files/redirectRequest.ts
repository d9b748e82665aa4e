import type { Mac } from '../../domain/mac.ts';
import type { Store } from '../../domain/ports.ts';
import { redirectFor } from '../../domain/redirect.ts';
import { DEFAULT_TENANT } from '../../domain/tenant.ts';
import type { Families } from '../../phones/family/family.ts';
import { recognise } from '../../phones/recognise/recognise.ts';
import type { ServerFacts } from '../../phones/view/facts.ts';
import { renderFile } from '../../phones/view/render.ts';
import type { FileRequest } from './serveFile.ts';
import { settingsFor } from './settingsFor.ts';
import { viewFor } from './viewFor.ts';

/** The path of the neutral URL: a device asks below it for what it would ask of its own server. */
export const REDIRECT_PATH = '/rps/';

/** The answer to a phone that is sent elsewhere: by HTTP, or by a file that names its server and holds nothing else of it. */
export type Redirected = { readonly mac: Mac | null; readonly family: string } & (
  | { readonly kind: 'redirect'; readonly url: string }
  | { readonly kind: 'file'; readonly contentType: string; readonly body: Buffer }
);

/** `undefined` for a phone that nobody knows and no rule is for, and for what is no phone. */
export async function redirectRequest(
  needs: { readonly store: Store; readonly families: () => Families; readonly server: ServerFacts },
  request: FileRequest,
): Promise<Redirected | undefined> {
  const families = needs.families();
  const path = request.path.slice(REDIRECT_PATH.length - 1);
  const asked = recognise(families, { ...request, path });
  const { mac, serial, model, version: firmware, file } = asked;
  const family = file?.familyId ?? asked.family;
  if (family === null) return undefined;

  const device = mac === null ? undefined : await needs.store.device(mac);
  const tenant = await needs.store.tenant(device?.tenantId ?? DEFAULT_TENANT);
  const tenantUrl = device === undefined ? null : (tenant?.urls[0] ?? null);
  const facts = {
    mac,
    serial,
    family,
    model: model ?? device?.model ?? null,
    address: request.claim.address,
    tenantUrl,
  };
  const url = redirectFor(await needs.store.redirects(), facts);
  if (url === null) return undefined;

  const about = { mac, family };
  const follows = families.byId.get(family)?.data.redirect === 'http' && request.transport === 'http';
  // The path is decoded: in a header nothing but ASCII may stand.
  const encoded = path.slice(1).replace(/[^!-~]/gu, encodeURIComponent);
  if (follows) return { ...about, kind: 'redirect', url: `${url}${encoded}` };
  if (file === null || file.kind !== 'template') return undefined;
  const settings = await settingsFor(needs.store, { tenantId: tenant?.id ?? DEFAULT_TENANT, family }, []);
  // No line, no secret: only where to ask.
  const elsewhere = { ...settings, tenant: { ...settings.tenant, urls: [url] } };
  const view = viewFor(families, needs.server, { family, model, firmware, mac }, elsewhere, null);
  return { ...about, kind: 'file', ...renderFile(families, file, view) };
}
