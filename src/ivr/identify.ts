import { CODE_LENGTH, type Code } from '../domain/code.ts';
import { ADMINISTRATORS_KEY, type Policy } from '../domain/policySettings.ts';
import { Secret } from '../domain/secret.ts';
import { DEFAULT_TENANT } from '../domain/tenant.ts';
import type { User } from '../domain/user.ts';
import type { Ports } from '../provisioning/ports.ts';
import { checkCode, checkUser, userNamed } from '../provisioning/secrets/checkSecret.ts';
import { isAdministrator } from './administrator.ts';
import { askDigits, LONGEST_NUMBER, LONGEST_SECRET } from './ask.ts';
import type { Begun } from './begin.ts';
import type { Call, Speech } from './call.ts';
import type { Round } from './conversation.ts';
import { otherLanguage } from './language.ts';
import type { Prompt } from './prompts.ts';

/** Somebody who may have the phone, and what shows it. */
export interface Identified {
  readonly user: User;
  /** The one-time code that showed it: the assignment uses it up. */
  readonly code: Code | null;
  readonly actor: 'phone' | 'administrator';
}

const QUESTIONS: Readonly<Record<Policy['identifyBy'], Prompt>> = {
  extension: 'enter-extension',
  user_id: 'enter-user-id',
  provisioning_id: 'enter-provisioning-id',
};

/** Asks who is to have the phone, by every way in that the tenant opens. */
export async function identify(
  ports: Ports,
  call: Call,
  begun: Begun,
  greeting: readonly Speech[],
): Promise<Identified | Exclude<Round, 'over'>> {
  const { authentication } = begun.policy;
  const answer = await askWho(call, begun, greeting);
  if (answer === 'star' || answer === 'noInput') return answer;
  const number = answer.digits;
  if (number === ADMINISTRATORS_KEY && authentication === 'users_and_administrators')
    return byAdministrator(ports, call, begun);
  const known = await withoutSecret(ports, begun, number);
  if (known !== undefined) return known;
  if (authentication === 'none') return 'wrong';
  const secret = await askDigits(call, ['enter-pin'], LONGEST_SECRET);
  if (secret === 'star' || secret === 'noInput') return secret;
  return withSecret(ports, begun, number, new Secret(secret.digits));
}

/** What was dialled at once: `<extension>*<PIN>`, a one-time code, or an extension where nothing has to be proven. */
export async function identifyDialled(ports: Ports, begun: Begun, dialled: string): Promise<Identified | 'wrong'> {
  const [number = '', secret = ''] = dialled.split(/\*(.*)/s, 2);
  if (secret === '') return (await withoutSecret(ports, begun, number)) ?? 'wrong';
  return withSecret(ports, begun, number, new Secret(secret));
}

/** A one-time code; or the number of a user, where whoever keys it has the phone. */
async function withoutSecret(ports: Ports, begun: Begun, number: string): Promise<Identified | undefined> {
  const code = number.length === CODE_LENGTH ? await checkCode(ports, begun, new Secret(number)) : undefined;
  const isOpen = begun.policy.authentication === 'none';
  const user =
    code === undefined ? (isOpen ? await ownUser(ports, begun, number) : undefined) : await ownerOf(ports, code);
  return user && { user, code: code ?? null, actor: 'phone' };
}

async function withSecret(ports: Ports, begun: Begun, number: string, secret: Secret): Promise<Identified | 'wrong'> {
  const user = await named(ports, begun, number);
  const isRight = await checkUser(ports, begun, { user, number, secret });
  return isRight && user !== undefined ? { user, code: null, actor: 'phone' } : 'wrong';
}

async function byAdministrator(ports: Ports, call: Call, begun: Begun): Promise<Identified | Exclude<Round, 'over'>> {
  const proof = await isAdministrator(ports, call, begun);
  if (proof !== 'right') return proof;
  const number = await askDigits(call, ['enter-user-extension'], LONGEST_NUMBER);
  if (number === 'star' || number === 'noInput') return number;
  const user = await ownUser(ports, begun, number.digits, 'extension');
  return user === undefined ? 'wrong' : { user, code: null, actor: 'administrator' };
}

/** `#` alone goes on to the next language. */
async function askWho(call: Call, begun: Begun, greeting: readonly Speech[]): ReturnType<typeof askDigits> {
  const { languages, policy } = begun;
  const question = QUESTIONS[policy.identifyBy];
  const mayBeEmpty = languages.length > 1;
  let said = greeting;
  for (let chosen = 0; ; chosen = (chosen + 1) % languages.length) {
    const asked = [question, ...otherLanguage(begun, chosen)];
    const answer = await askDigits(call, asked, LONGEST_NUMBER, { greeting: said, mayBeEmpty });
    if (answer === 'star' || answer === 'noInput' || answer.digits !== '') return answer;
    call.speak({ language: languages[(chosen + 1) % languages.length] ?? '', sounds: policy.sounds });
    said = [];
  }
}

/** A phone of the first tenant that is nobody's may become one of another, with a secret that its user has. */
function named(ports: Ports, { tenant, policy, from }: Begun, number: string): Promise<User | undefined> {
  const isOpen = tenant.id === DEFAULT_TENANT && from.userId === null;
  return userNamed(ports, { tenant, identifyBy: policy.identifyBy, isOpen }, number);
}

/** What the tenant wants to be proven, and its administrators' code, stand for its own users alone. */
function ownUser(
  ports: Ports,
  { tenant, policy }: Begun,
  number: string,
  identifyBy: Policy['identifyBy'] = policy.identifyBy,
): Promise<User | undefined> {
  return userNamed(ports, { tenant, identifyBy, isOpen: false }, number);
}

async function ownerOf({ store }: Pick<Ports, 'store'>, { userId }: Code): Promise<User | undefined> {
  return store.user(userId);
}
