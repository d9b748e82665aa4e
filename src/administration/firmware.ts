import { DEVICE_SETTINGS } from '../domain/deviceSettings.ts';
import { firmwareFor, type Firmware } from '../domain/firmware.ts';
import type { VersionCount } from '../domain/ports.ts';
import type { Core } from './core.ts';
import { SelfprovError } from '../domain/errors.ts';
import { INHERIT } from './settings.ts';
import { changeTenant, showTenant } from './tenants.ts';

export interface VersionShown extends VersionCount {
  /** What the tenant has for phones of this model, as it is given: `T46S=T46S-66.86.rom@66.86.0.15`; `null`: nothing. */
  readonly firmware: string | null;
}

/** Which versions a tenant's phones have said, by family, model and version: how many of each. */
export async function listVersions({ store }: Core, tenantId: string): Promise<readonly VersionShown[]> {
  const { deviceSays } = await showTenant({ store }, tenantId);
  const wanted = deviceSays.firmware ?? [];
  const key = ({ family, model, version }: VersionCount) => [family, model ?? '', version ?? ''].join('\0');
  return (await store.versions(tenantId))
    .toSorted((one, other) => (key(one) < key(other) ? -1 : 1))
    .map((count) => {
      const its = firmwareFor(wanted, count.model);
      return { ...count, firmware: its === undefined ? null : DEVICE_SETTINGS.firmware.show([its]) };
    });
}

/**
 * What a tenant's phones of a model are to have from their next fetch on, before all that is said of more models; `null`: nothing
 * that is said of this one alone. What templates, users and devices say goes before it. Rejects with `invalid`.
 */
export async function setFirmware(
  core: Core,
  tenantId: string,
  { model, file }: { readonly model: string; readonly file: Omit<Firmware, 'model'> | null },
): Promise<void> {
  const given = file === null ? [] : DEVICE_SETTINGS.firmware.read(DEVICE_SETTINGS.firmware.show([{ model, ...file }]));
  if (given.length > 1) throw new SelfprovError('invalid', `${JSON.stringify(model)} is no model`);
  await core.store.transaction(async (store) => {
    const { deviceSays } = await showTenant({ store }, tenantId);
    const others = (deviceSays.firmware ?? []).filter((each) => each.model.toLowerCase() !== model.toLowerCase());
    const all = [...given, ...others];
    const firmware = all.length === 0 ? INHERIT : DEVICE_SETTINGS.firmware.show(all);
    await changeTenant({ ...core, store }, tenantId, { texts: { firmware } });
  });
}
