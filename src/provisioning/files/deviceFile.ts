import { holdingsOf, usersHolding } from '../../domain/device.ts';
import { SelfprovError } from '../../domain/errors.ts';
import { formatMac, type Mac } from '../../domain/mac.ts';
import { orNotFound } from '../../domain/orNotFound.ts';
import type { Devices, Tenants, Users } from '../../domain/ports.ts';
import type { Families } from '../../phones/family/family.ts';
import type { ServerFacts } from '../../phones/view/facts.ts';
import { renderFile, textOf, type RenderedFile } from '../../phones/view/render.ts';
import { withMasks } from './comparable.ts';
import { MASKED } from './masks.ts';
import { settingsFor } from './settingsFor.ts';
import { viewFor } from './viewFor.ts';

interface Needs {
  readonly store: Tenants & Users & Pick<Devices, 'device' | 'lines'>;
  readonly families: Families;
  readonly server: ServerFacts;
}

/**
 * The file that a device would get now, by its name in `family.yaml`, the first that is a device's own where none is said; with its
 * secrets in it only where that is wanted. Rejects with `not_found` for a device or a file that there is not.
 */
export async function deviceFile(
  { store, families, server }: Needs,
  mac: Mac,
  wanted: { readonly name: string | null; readonly withSecrets: boolean },
): Promise<Pick<RenderedFile, 'contentType' | 'notes'> & { readonly name: string; readonly content: string }> {
  const device = orNotFound(await store.device(mac), `device ${formatMac(mac)}`);
  const all = await store.lines(mac);
  const { lines } = orNotFound(usersHolding(all) ?? holdingsOf(all)[0], 'line of this device');
  const { family, model, firmware } = { ...device, ...lines[0]?.askedAs };
  const files = [...(families.byId.get(family)?.files.values() ?? [])];
  const file = files.find(({ name, role }) => (wanted.name === null ? role === 'device' : name === wanted.name));
  if (file === undefined) {
    const there = files.map(({ name }) => name).join(', ') || 'none';
    throw new SelfprovError('not_found', `${family} has no file ${wanted.name ?? 'of a device'}; there are: ${there}`);
  }
  const { name, role } = file;
  const isOwn = role === 'device';
  const seen = { ...device, family, model, firmware };
  const read = await settingsFor(store, isOwn ? seen : { tenantId: device.tenantId, family }, isOwn ? lines : []);
  const settings = wanted.withSecrets ? read : withMasks(read);
  const token = wanted.withSecrets ? orNotFound(lines[0], 'line of this device').token : MASKED;
  const view = viewFor(families, server, seen, settings, isOwn ? token : null);
  const asked = { familyId: family, kind: 'template', name, role } as const;
  const { contentType, body, notes } = renderFile(families, asked, view);
  return { name, contentType, notes, content: textOf(families, asked, body) };
}
