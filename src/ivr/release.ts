import { Secret } from '../domain/secret.ts';
import { callingDevice } from '../provisioning/handOver/callingDevice.ts';
import { checkPin } from '../provisioning/secrets/checkPin.ts';
import type { Ports } from '../provisioning/ports.ts';
import { releaseDevice } from '../provisioning/handOver/releaseDevice.ts';
import { askDigits, confirm, LONGEST_PIN, sayAndHangUp, sayThenHandOver, TRIES_PER_CALL } from './ask.ts';
import type { Call } from './call.ts';
import type { Prompt } from './prompts.ts';

/** What a person hears who gives the phone in the hand back: the PIN of its user is asked for, the extension is known. */
export async function release(ports: Ports, call: Call): Promise<void> {
  await call.answer();
  const caller = await callingDevice(ports, call);
  if (caller === undefined) return sayAndHangUp(call, 'not-available');
  const { device, line } = caller;
  if (line.userId === null) return sayAndHangUp(call, 'not-assigned');

  let greeting: readonly Prompt[] = ['release-welcome'];
  for (let wrong = 0; wrong < TRIES_PER_CALL;) {
    const pin = await askDigits(call, [...greeting, 'enter-pin'], LONGEST_PIN);
    if (pin === 'noInput') return sayAndHangUp(call, 'goodbye');
    greeting = ['start-over'];
    if (pin === 'star') continue;

    const { tenantId, mac } = device;
    const secret = new Secret(pin.digits);
    const user = await checkPin(ports, { tenantId, device: mac, extension: line.endpoint, pin: secret });
    if (user === undefined) {
      wrong++;
      greeting = ['not-accepted'];
      continue;
    }
    const answer = await confirm(call, ['release-confirm']);
    if (answer === 'noInput') return sayAndHangUp(call, 'goodbye');
    if (answer === 'star') continue;
    await releaseDevice(ports, { mac, caller: call });
    return sayThenHandOver(ports, call, mac, 'phone-released');
  }
  await sayAndHangUp(call, 'not-accepted', 'too-many-tries');
}
