import { settingsFor } from '../provisioning/files/settingsFor.ts';
import type { Ports } from '../provisioning/ports.ts';
import { confirm, giveBack, sayAndHangUp } from './ask.ts';
import type { Begun } from './begin.ts';
import type { Call } from './call.ts';

/** Whether this phone is one that users borrow; one that somebody has borrowed says what its user's do. */
export async function isShared({ store }: Pick<Ports, 'store'>, { device, from }: Begun): Promise<boolean> {
  if (from.userId !== null) return (await store.hotDesk(device.mac))?.userId === from.userId;
  return (await settingsFor(store, device, [from])).device.userType.value === 'hot_desk';
}

/** Whoever is at a borrowed phone may give it back. */
export async function askToLogOff(ports: Ports, call: Call, { from }: Begun): Promise<void> {
  if ((await confirm(call, ['log-off-confirm'])) !== 'yes') return sayAndHangUp(call, 'goodbye');
  await giveBack(ports, call, from, 'logged-off');
}
