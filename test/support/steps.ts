import type { DeviceState, Line } from '../../src/domain/device.ts';
import { stateOf } from '../../src/domain/handOver.ts';
import type { Mac } from '../../src/domain/mac.ts';
import { admit } from '../../src/provisioning/files/admit.ts';
import { assignDevice } from '../../src/provisioning/handOver/assignDevice.ts';
import type { TestCore } from './core.ts';

export const HOME = '10.0.0.7';

/** A phone asks for its file for the first time, without a listener; gives the line it was given. */
export async function enrol(core: TestCore, mac: Mac, address = HOME, family = 'yealink'): Promise<Line> {
  const admitted = await admit(
    { ...core, tenantId: 'default' },
    {
      mac,
      claim: { token: null, address },
      seen: { family, model: 'T46S', firmware: null, address },
      isProvisional: false,
    },
  );
  return lineOf(admitted?.lines);
}

/** The phone's line of this address calls, or the only one there is, and the user's secret is right. */
export async function assign(core: TestCore, mac: Mac, userId: string, address = HOME): Promise<Line> {
  const lines = await core.store.lines(mac);
  const here = lines.filter((line) => line.address === address);
  const called = lineOf(here.length > 0 ? here : lines);
  const caller = { contact: `sip:phone@${address}:5060`, address, identity: null };
  await assignDevice(core, {
    ...{ mac, slot: called.slot, userId, actor: 'phone' },
    call: { lineId: called.id, caller },
  });
  return lineOf(await core.store.lines(mac));
}

function lineOf(lines: readonly Line[] | undefined): Line {
  const [line] = lines ?? [];
  if (line === undefined) throw new Error('the device has no line');
  return line;
}

/** What has become of a device. */
export async function stateOfDevice({ store }: Pick<TestCore, 'store'>, mac: Mac): Promise<DeviceState> {
  return stateOf(await store.lines(mac), await store.handOversOf(mac));
}
