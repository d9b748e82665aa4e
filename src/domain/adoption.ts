import { isDefaultAccount, userAuthName } from './accountNames.ts';
import type { Line } from './device.ts';
import type { Secret } from './secret.ts';

/**
 * How phones come to an endpoint that the administrator keeps in a file of Asterisk's own. `slots`: the endpoint names so many
 * credentials besides its own (`auths`), each of which a phone's can be; each phone can be cut off alone. `password`: it takes
 * one password for all of its phones, which an administrator has told us.
 */
export type Adoption =
  | { readonly kind: 'slots'; readonly slots: number; readonly auths: readonly string[] }
  | { readonly kind: 'password'; readonly authName: string; readonly password: Secret };

/** What Asterisk has of an endpoint and its AOR, wherever it has it from; no password. */
export interface EndpointFacts {
  readonly name: string;
  readonly auths: readonly string[];
  readonly aors: readonly string[];
  /** How Asterisk tells that a request is of this endpoint. */
  readonly identifyBy: readonly string[];
  readonly context: string;
  /** What others are shown; empty where it is not set. */
  readonly callerName: string;
  /** How many registrations it has room for. */
  readonly mostContacts: number;
  /** Credentials of the administrator's own that have the name of a slot of ours. */
  readonly foreignSlots: readonly string[];
}

/** So long a list of credentials Asterisk says whole, and of a longer one the beginning (its `MAX_OBJECT_FIELD`); it takes all. */
const LONGEST_LIST = 127;

/** How many phones of ours such an endpoint can have, beside its own credentials. */
export function mostSlots(endpoint: string, auths: readonly string[]): number {
  let slots = 0;
  while ([...auths, ...slotNames(endpoint, slots + 1)].join(',').length <= LONGEST_LIST) slots++;
  return slots;
}

/** A name of an endpoint, or of an auth, that adopted.conf can have. */
export const SECTION_NAME = /^[\w.@+-]{1,79}$/;

/** Names under which Asterisk looks for the credentials of its phones. */
export function slotNames(endpoint: string, slots: number): readonly string[] {
  return Array.from({ length: slots }, (_, at) => `${endpoint}-s${at + 1}`);
}

/** Whether a credential is called like a slot of this endpoint. */
export function isSlotOf(endpoint: string, auth: string): boolean {
  return auth.startsWith(`${endpoint}-s`) && /^\d+$/.test(auth.slice(endpoint.length + 2));
}

/** Those of an endpoint's credentials that are the administrator's. */
export function othersAuths({
  name,
  auths,
  foreignSlots = [],
}: Pick<EndpointFacts, 'name' | 'auths'> & Partial<Pick<EndpointFacts, 'foreignSlots'>>): readonly string[] {
  return auths.filter((auth) => foreignSlots.includes(auth) || !isSlotOf(name, auth));
}

/** One that none of the user's lines has, or had until its phone has the next; `undefined` when all are taken. */
export function freeSlot(
  endpoint: string,
  slots: number,
  lines: readonly Pick<Line, 'authId' | 'former'>[],
): string | undefined {
  return slotNames(endpoint, slots).find((name) =>
    lines.every(({ authId, former }) => authId !== name && former?.authId !== name),
  );
}

/** Whether an endpoint that Asterisk has is one that selfprov has told it of: with several phones the list is a beginning of ours. */
export function isOurs({ name, auths }: Pick<EndpointFacts, 'name' | 'auths'>): boolean {
  if (isDefaultAccount(name)) return true;
  // It ends where it has been cut off, or with the comma before.
  const isCut = auths.join(',').length >= LONGEST_LIST - 1;
  const beginning = userAuthName(name, '');
  return (
    auths.length > 0 &&
    auths.every((auth, at) => {
      const isLast = isCut && at > 0 && at === auths.length - 1;
      if (!auth.startsWith(beginning)) return isLast && beginning.startsWith(auth);
      return (isLast ? /^[0-9a-f]{0,12}(?:(?<=[0-9a-f]{12})-2?)?$/ : /^[0-9a-f]{12}(?:-2)?$/).test(
        auth.slice(beginning.length),
      );
    })
  );
}

/** Why an endpoint cannot be a user's that selfprov sets up phones for; `undefined` when it can. */
export function whyNotAdoptable(facts: EndpointFacts): string | undefined {
  const { name, aors, identifyBy, foreignSlots } = facts;
  const odd = othersAuths(facts).find((auth) => !SECTION_NAME.test(auth));
  if (othersAuths(facts).length === 0) return 'it has no auth: it is known by its address, as a trunk is';
  if (foreignSlots.length > 0)
    return `you have credentials called ${foreignSlots.join(', ')}, as selfprov would call its own: give them other names`;
  if (odd !== undefined) return `its auth "${odd}" has a name that cannot be written into a list: give it another one`;
  if (mostSlots(name, othersAuths(facts)) === 0) return 'its name and those of its auths leave no room for another one';
  if (isOurs(facts)) return 'selfprov itself has told Asterisk of it';
  if (aors.length !== 1 || aors[0] !== name)
    return `its AOR is ${aors.join(', ') || 'missing'}: a phone registers by one name, which endpoint and AOR must share`;
  if (!identifyBy.includes('username')) return `identify_by is ${identifyBy.join(', ')}, and phones come by user name`;
  return undefined;
}

/** What to change where a new phone would push out another one, or find no room. */
export function lacksRoom({ name, mostContacts }: EndpointFacts, slots: number): string | undefined {
  if (mostContacts > slots) return undefined;
  return (
    `its AOR has room for ${mostContacts} registration(s), and up to ${slots} of our phones may come beside the old ones: one too many ` +
    `pushes an old one out. Write max_contacts=${slots + 1} into [${name}] of type=aor (FreePBX: Max Contacts of the extension), or adopt ` +
    'it with fewer (--slots)'
  );
}
