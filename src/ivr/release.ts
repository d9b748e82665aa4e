import { isRefusal } from '../domain/errors.ts';
import { Secret } from '../domain/secret.ts';
import { callingDevice } from '../provisioning/handOver/callingDevice.ts';
import { releaseDevice } from '../provisioning/handOver/releaseDevice.ts';
import type { Ports } from '../provisioning/ports.ts';
import { checkPin } from '../provisioning/secrets/checkPin.ts';
import { askDigits, confirm, LONGEST_PIN, sayAndHangUp, sayThenHandOver } from './ask.ts';
import type { Call } from './call.ts';
import { converse } from './conversation.ts';

/** What a person hears who gives the phone in the hand back: the PIN of its user is asked for, the extension is known. */
export async function release(ports: Ports, call: Call): Promise<void> {
  await call.answer();
  const caller = await callingDevice(ports, call);
  if (caller === undefined) return sayAndHangUp(call, 'not-available');
  const { device, line } = caller;
  const holder = line.userId === null ? undefined : await ports.store.user(line.userId);
  if (holder === undefined) return sayAndHangUp(call, 'not-assigned');

  await converse(call, 'release-welcome', async (greeting) => {
    const pin = await askDigits(call, [greeting, 'enter-pin'], LONGEST_PIN);
    if (pin === 'star' || pin === 'noInput') return pin;
    const { tenantId, mac } = device;
    const given = { tenantId, mac, line: line.authName, extension: holder.extension, pin: new Secret(pin.digits) };
    if ((await checkPin(ports, given)) === undefined) return 'wrong';
    const answer = await confirm(call, ['release-confirm']);
    if (answer !== 'yes') return answer;

    try {
      await releaseDevice(ports, { mac, slot: line.slot, actor: 'phone', call: { lineId: line.id, caller: call } });
    } catch (error) {
      if (!isRefusal(error, 'conflict')) throw error;
      // An administrator was faster.
      await sayAndHangUp(call, 'not-assigned');
      return 'over';
    }
    await sayThenHandOver(ports, call, line, 'phone-released');
    return 'over';
  });
}
