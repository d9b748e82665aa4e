import { isRefusal } from '../domain/errors.ts';
import { Secret } from '../domain/secret.ts';
import { assignDevice } from '../provisioning/handOver/assignDevice.ts';
import { callingDevice } from '../provisioning/handOver/callingDevice.ts';
import type { Ports } from '../provisioning/ports.ts';
import { checkPin } from '../provisioning/secrets/checkPin.ts';
import { askDigits, confirm, LONGEST_PIN, sayAndHangUp, sayThenHandOver } from './ask.ts';
import type { Call } from './call.ts';
import { converse } from './conversation.ts';
import type { Prompt } from './prompts.ts';

const LONGEST_EXTENSION = 20;

/** What a person hears who dials the self-provisioning extension. */
export async function selfProvision(ports: Ports, call: Call): Promise<void> {
  await call.answer();
  const caller = await callingDevice(ports, call);
  if (caller === undefined) return sayAndHangUp(call, 'not-available');
  const { device, line } = caller;
  if (line.userId !== null) {
    const holder = await ports.store.user(line.userId);
    await call.say('already-assigned', { digits: holder?.extension ?? '' });
    return sayAndHangUp(call, 'goodbye');
  }

  await converse(call, 'welcome', async (greeting) => {
    const extension = await askDigits(call, [greeting, 'enter-extension'], LONGEST_EXTENSION);
    if (extension === 'star' || extension === 'noInput') return extension;
    const pin = await askDigits(call, ['enter-pin'], LONGEST_PIN);
    if (pin === 'star' || pin === 'noInput') return pin;

    const { tenantId, mac } = device;
    const pinGiven = new Secret(pin.digits);
    const given = { tenantId, mac, line: line.authName, extension: extension.digits, pin: pinGiven };
    const user = await checkPin(ports, given);
    if (user === undefined) return 'wrong';
    const answer = await confirm(call, ['extension-is', { digits: user.extension }, 'confirm']);
    if (answer !== 'yes') return answer;

    const refusal = await refusedBy(
      assignDevice(ports, {
        mac,
        slot: line.slot,
        userId: user.id,
        actor: 'phone',
        call: { lineId: line.id, caller: call },
      }),
    );
    if (refusal === undefined) await sayThenHandOver(ports, call, line, 'phone-will-restart');
    else await sayAndHangUp(call, refusal);
    return 'over';
  });
}

/** What a caller whose secret was right is told about a refusal; `undefined` when there was none. */
async function refusedBy(assignment: Promise<void>): Promise<Prompt | undefined> {
  try {
    await assignment;
    return undefined;
  } catch (error) {
    if (isRefusal(error, 'unavailable')) return 'not-available';
    if (!isRefusal(error, 'conflict')) throw error;
    if (error.reason === 'phone_limit') return 'phone-limit';
    return error.reason === 'not_allowed' ? 'not-allowed' : 'not-available';
  }
}
