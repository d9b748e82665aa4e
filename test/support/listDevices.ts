import type { Core } from '../../src/administration/core.ts';
import { searchDevices, type DeviceShown } from '../../src/administration/deviceList.ts';
import type { DeviceFacts } from '../../src/administration/devices.ts';

/** All that a tenant sees, by MAC. */
export async function listDevices(
  core: Core,
  facts: Pick<DeviceFacts, 'families'>,
  tenantId: string,
): Promise<readonly DeviceShown[]> {
  return (await searchDevices(core, facts, { tenantId, limit: 1000 })).devices;
}
