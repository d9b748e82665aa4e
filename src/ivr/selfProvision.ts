import { isRefusal } from '../domain/errors.ts';
import { Secret } from '../domain/secret.ts';
import { assignDevice } from '../provisioning/handOver/assignDevice.ts';
import { callingDevice } from '../provisioning/handOver/callingDevice.ts';
import { checkPin } from '../provisioning/secrets/checkPin.ts';
import type { Ports } from '../provisioning/ports.ts';
import { askDigits, confirm, LONGEST_PIN, sayAndHangUp, sayThenHandOver, TRIES_PER_CALL } from './ask.ts';
import type { Call } from './call.ts';
import type { Prompt } from './prompts.ts';

const LONGEST_EXTENSION = 20;

/** What a person hears who dials the self-provisioning extension. */
export async function selfProvision(ports: Ports, call: Call): Promise<void> {
  await call.answer();
  const caller = await callingDevice(ports, call);
  if (caller === undefined) return sayAndHangUp(call, 'not-available');
  const { device, line } = caller;
  if (line.userId !== null) {
    await call.say('already-assigned', { digits: line.endpoint });
    return sayAndHangUp(call, 'goodbye');
  }

  let greeting: readonly Prompt[] = ['welcome'];
  for (let wrong = 0; wrong < TRIES_PER_CALL;) {
    const extension = await askDigits(call, [...greeting, 'enter-extension'], LONGEST_EXTENSION);
    if (extension === 'noInput') return sayAndHangUp(call, 'goodbye');
    greeting = ['start-over'];
    if (extension === 'star') continue;
    const pin = await askDigits(call, ['enter-pin'], LONGEST_PIN);
    if (pin === 'noInput') return sayAndHangUp(call, 'goodbye');
    if (pin === 'star') continue;

    const { tenantId, mac } = device;
    const secret = new Secret(pin.digits);
    const user = await checkPin(ports, { tenantId, device: mac, extension: extension.digits, pin: secret });
    if (user === undefined) {
      wrong++;
      greeting = ['not-accepted'];
      continue;
    }
    const answer = await confirm(call, ['extension-is', { digits: user.extension }, 'confirm']);
    if (answer === 'noInput') return sayAndHangUp(call, 'goodbye');
    if (answer === 'star') continue;

    const refusal = await refusedBy(assignDevice(ports, { mac, userId: user.id, caller: call }));
    if (refusal !== undefined) return sayAndHangUp(call, refusal);
    return sayThenHandOver(ports, call, mac, 'phone-will-restart');
  }
  await sayAndHangUp(call, 'not-accepted', 'too-many-tries');
}

/** What a caller whose secret was right is told about a refusal; `undefined` when there was none. */
async function refusedBy(assignment: Promise<void>): Promise<Prompt | undefined> {
  try {
    await assignment;
    return undefined;
  } catch (error) {
    if (!isRefusal(error, 'conflict')) throw error;
    if (error.reason === 'phone_limit') return 'phone-limit';
    return error.reason === 'not_allowed' ? 'not-allowed' : 'not-available';
  }
}
