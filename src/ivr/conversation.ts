import type { Prompt } from './prompts.ts';
import { sayAndHangUp, TRIES_PER_CALL } from './ask.ts';
import type { Call } from './call.ts';

/**
 * How one round of a conversation ended: `star` (start over), `noInput` (nobody answers), `wrong` (a secret that is not
 * right), or with words of its own after which there is nothing more to ask.
 */
export type Round = 'star' | 'noInput' | 'wrong' | 'over';

/** Asks until it is over: from the beginning after `*` and after a wrong secret, of which there may be a few in one call. */
export async function converse(
  call: Call,
  welcome: Prompt,
  round: (greeting: Prompt) => Promise<Round>,
): Promise<void> {
  let greeting: Prompt = welcome;
  for (let wrong = 0; wrong < TRIES_PER_CALL;) {
    const ended = await round(greeting);
    if (ended === 'over') return;
    if (ended === 'noInput') return sayAndHangUp(call, 'goodbye');
    if (ended === 'wrong') wrong++;
    greeting = ended === 'wrong' ? 'not-accepted' : 'start-over';
  }
  await sayAndHangUp(call, 'too-many-tries');
}
