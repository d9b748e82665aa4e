import { randomBytes } from 'node:crypto';
import { SelfprovError } from '../../domain/errors.ts';
import type { Mac } from '../../domain/mac.ts';
import type { Device } from '../../domain/types.ts';
import { defaultLine } from '../../domain/accounts.ts';
import { orNotFound } from '../../domain/orNotFound.ts';
import type { Ports } from '../ports.ts';

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
    /** Where it asked from; `null` when it has not asked yet. */
    readonly address: string | null;
  },
): Promise<Device> {
  return store.transaction(async (inside) => {
    const known = await inside.device(input.mac);
    if (known !== undefined) return known;
    const tenant = orNotFound(await inside.tenant(input.tenantId), 'tenant');
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

/**
 * Enrols a device before it has asked for anything: an app, which has no MAC and gets one of ours (IEEE 802: the second
 * bit of the first octet marks it as locally made), or a phone whose MAC is known. Gives the device with the token that
 * its URL must hold. Rejects with `conflict` when it is known already.
 */
export async function addDevice(
  needs: Pick<Ports, 'store' | 'secrets' | 'now'>,
  input: { readonly mac?: Mac; readonly tenantId: string; readonly family: string },
): Promise<Device> {
  const mac = input.mac ?? `02${randomBytes(5).toString('hex')}`;
  if ((await needs.store.device(mac)) !== undefined) {
    throw new SelfprovError('conflict', `device ${mac} is there already: see "selfprov device show ${mac}"`);
  }
  return enrolDevice(needs, { ...input, mac, model: null, firmware: null, address: null });
}
