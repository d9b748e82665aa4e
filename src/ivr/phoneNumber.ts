import type { Ports } from '../provisioning/ports.ts';
import { sayAndHangUp } from './ask.ts';
import { begin } from './begin.ts';
import type { Call } from './call.ts';

/** What a person hears who asks which phone this is: its number in the inventory, twice, to be written down. */
export async function phoneNumber(ports: Ports, call: Call): Promise<void> {
  const begun = await begin(ports, call);
  if (begun === undefined) return;
  const digits = { digits: String(begun.device.number) };
  await call.say('phone-id-is', digits);
  await call.say('phone-id-is', digits);
  await sayAndHangUp(call, 'goodbye');
}
