import type { Mac } from '../domain/mac.ts';
import type { Device } from '../domain/types.ts';
import { defaultLine } from './accounts.ts';
import { found } from './found.ts';
import type { Ports } from './ports.ts';

/**
 * Takes a phone that was never seen before into the inventory of its tenant, with a default line of its own. A device
 * that is there already (two requests at once) is returned as it is.
 */
export async function enrolDevice(
  { store, secrets, now }: Pick<Ports, 'store' | 'secrets' | 'now'>,
  input: {
    readonly mac: Mac;
    readonly tenantId: string;
    readonly family: string;
    readonly model: string | null;
    readonly firmware: string | null;
    readonly address: string;
  },
): Promise<Device> {
  return store.transaction(async (inside) => {
    const known = await inside.device(input.mac);
    if (known !== undefined) return known;
    const tenant = found(await inside.tenant(input.tenantId), 'tenant');
    const at = now();
    const device: Device = {
      ...input,
      state: 'unassigned',
      token: secrets.token(),
      previousToken: null,
      seenAt: at,
      createdAt: at,
    };
    await inside.addDevice(device);
    await inside.addLine(defaultLine(device.mac, tenant, secrets.sipSecret()));
    const { mac, family, model, address } = input;
    await inside.addEvent({ step: 'enrolled', tenantId: tenant.id, mac, detail: { family, model, address } });
    return device;
  });
}
