import type { Line } from '../domain/device.ts';
import type { Ports } from '../provisioning/ports.ts';
import { isRefusal } from '../domain/errors.ts';
import { releaseDevice } from '../provisioning/handOver/releaseDevice.ts';
import { endOfCall } from '../provisioning/handOver/endOfCall.ts';
import type { Answer, Call, Speech } from './call.ts';
import type { Prompt } from './prompts.ts';

/** Wrong secrets in one call; the count over all calls is `checkSecret`'s. */
export const TRIES_PER_CALL = 3;
export const LONGEST_NUMBER = 20;
export const LONGEST_SECRET = 20;

/** How often a caller who says nothing, or something that makes no sense, is asked again. */
const PATIENCE = 3;

type Digits = Extract<Answer, { kind: 'digits' }>;

/** Digits ended with `#`, asked for up to three times; `noInput` when nothing came even then. `#` alone asks again, unless it is an answer. */
export async function askDigits(
  call: Call,
  asked: readonly Speech[],
  maxDigits: number,
  { greeting = [], mayBeEmpty = false }: { readonly greeting?: readonly Speech[]; readonly mayBeEmpty?: boolean } = {},
): Promise<Digits | 'star' | 'noInput'> {
  let prompts = [...greeting, ...asked];
  for (let times = 0; times < PATIENCE; times++) {
    const answer = await call.ask({ prompts, maxDigits, endKey: '#' });
    if (answer.kind === 'star') return 'star';
    if (answer.kind === 'digits' && (answer.digits !== '' || mayBeEmpty)) return answer;
    prompts = ['nothing-entered', ...asked];
  }
  return 'noInput';
}

/** `yes` for 1, `star` for `*`; every other key is asked about again. */
export async function confirm(call: Call, prompts: readonly Speech[]): Promise<'yes' | 'star' | 'noInput'> {
  let question = prompts;
  for (let asked = 0; asked < PATIENCE; asked++) {
    const answer = await call.ask({ prompts: question, maxDigits: 1, endKey: null });
    if (answer.kind === 'star') return 'star';
    if (answer.kind === 'digits' && answer.digits === '1') return 'yes';
    question = [answer.kind === 'noInput' ? 'nothing-entered' : 'invalid-key', ...prompts];
  }
  return 'noInput';
}

export async function sayAndHangUp(call: Call, ...prompts: readonly Speech[]): Promise<void> {
  await call.say(...prompts);
  await call.hangUp();
}

/** Takes a line back from its user by a call from it, and says so; whoever was slower than an administrator hears that instead. */
export async function giveBack(ports: Ports, call: Call, line: Line, prompt: Prompt): Promise<void> {
  const { id: lineId, mac, slot } = line;
  try {
    await releaseDevice(ports, { mac, slot, actor: 'phone', call: { lineId, caller: call } });
  } catch (error) {
    if (!isRefusal(error, 'conflict')) throw error;
    return sayAndHangUp(call, 'not-assigned');
  }
  await sayThenHandOver(ports, call, line, prompt);
}

/**
 * The last words before the phone restarts. Some phones put provisioning off while a call is up, and look again no sooner than half a
 * minute later: first the call goes down, then check-sync goes out, also when the caller was faster. So these words are short.
 */
export async function sayThenHandOver(
  ports: Ports,
  call: Call,
  line: Pick<Line, 'mac' | 'slot'>,
  prompt: Prompt,
): Promise<void> {
  try {
    await call.say(prompt);
  } finally {
    await call.hangUp();
    await endOfCall(ports, line);
  }
}
