import type { Call } from '../../src/virtualPhone/call.ts';
import type { Phone } from '../../src/virtualPhone/phoneTypes.ts';

/** Dials, and keys as soon as the call is up: the person knows what will be asked. */
export async function callAndKey(phone: Pick<Phone, 'dial' | 'press'>, number: string, keys: string): Promise<Call> {
  const call = await phone.dial(number);
  await call.established();
  await phone.press(keys);
  return call;
}
