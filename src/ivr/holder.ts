import { ADMINISTRATORS_KEY } from '../domain/policySettings.ts';
import { Secret } from '../domain/secret.ts';
import type { User } from '../domain/user.ts';
import type { Ports } from '../provisioning/ports.ts';
import { checkUser } from '../provisioning/secrets/checkSecret.ts';
import { askDigits, LONGEST_SECRET } from './ask.ts';
import type { Begun } from './begin.ts';
import type { Call, Speech } from './call.ts';
import { isAdministrator } from './administrator.ts';
import type { Round } from './conversation.ts';

/** The user whose line calls; `undefined` on a default line. */
export async function holderOf({ store }: Pick<Ports, 'store'>, { from }: Begun): Promise<User | undefined> {
  return from.userId === null ? undefined : store.user(from.userId);
}

/**
 * Whether the caller proves to be the one who has the phone, or an administrator where these may call. Nothing is asked
 * where nobody has to prove anything.
 */
export async function provesToHold(
  ports: Ports,
  call: Call,
  begun: Begun,
  holder: User,
  greeting: Speech,
  question: Speech,
): Promise<Exclude<Round, 'over'> | 'right'> {
  const { authentication } = begun.policy;
  if (authentication === 'none') return 'right';
  const answer = await askDigits(
    call,
    [question],
    LONGEST_SECRET,
    greeting === question ? {} : { greeting: [greeting] },
  );
  if (answer === 'star' || answer === 'noInput') return answer;
  if (answer.digits === ADMINISTRATORS_KEY && authentication === 'users_and_administrators')
    return isAdministrator(ports, call, begun);
  const secret = new Secret(answer.digits);
  return (await checkUser(ports, begun, { user: holder, number: holder.extension, secret })) ? 'right' : 'wrong';
}
