import type { Ports } from '../provisioning/ports.ts';
import { confirm, giveBack, sayAndHangUp } from './ask.ts';
import { begin } from './begin.ts';
import type { Call } from './call.ts';
import { converse } from './conversation.ts';
import { askToLogOff, isShared } from './hotDesk.ts';
import { holderOf, provesToHold } from './holder.ts';
import { speakTo } from './language.ts';

/** What a person hears who gives the phone in the hand back: the PIN of its user is asked for, the extension is known. */
export async function release(ports: Ports, call: Call): Promise<void> {
  const begun = await begin(ports, call);
  if (begun === undefined) return;
  const { from } = begun;
  const holder = await holderOf(ports, begun);
  if (holder === undefined) return sayAndHangUp(call, 'not-assigned');
  speakTo(ports, call, begun, holder);
  if (await isShared(ports, begun)) return askToLogOff(ports, call, begun);

  await converse(call, 'release-welcome', async (greeting) => {
    const proof = await provesToHold(ports, call, begun, holder, greeting, 'enter-pin');
    if (proof !== 'right') return proof;
    const answer = await confirm(call, ['release-confirm']);
    if (answer !== 'yes') return answer;
    await giveBack(ports, call, from, 'phone-released');
    return 'over';
  });
}
