import { whereOf } from './addresses.ts';
import type { Mac } from './mac.ts';
import type { Instant } from './time.ts';

/** How a phone shows itself in a REGISTER. Nothing of it is a proof; together it tells the phones of one user apart. */
export interface Identity {
  /** Empty when it is known from something else than a REGISTER. */
  readonly callId: string;
  /** Source address of the REGISTER, without port. */
  readonly address: string;
  /** Address and port that the phone believes to have (topmost Via): behind a NAT, those on its own network. */
  readonly viaAddress: string;
  readonly viaPort: number;
  readonly userAgent: string;
}

/** One registration as Asterisk holds it. */
export interface Contact extends Identity {
  readonly aor: string;
  readonly uri: string;
  /** What Asterisk's database calls it; needed to remove it. */
  readonly id: string;
  readonly expiresAt: Instant;
}

/** One line that may stand behind a contact of an AOR. */
export interface Candidate {
  /** Id of the line, or of what is left of one. */
  readonly key: string;
  readonly mac: Mac;
  readonly seenAs: Identity | null;
  /** Where its file was fetched from. */
  readonly fetchedFrom: string | null;
  /** Contacts that cannot be its, as they were (`standing`): they were there before it could register. `null`: none can be. */
  readonly notIts: readonly string[] | null;
  /** Phones of which nothing is known register as the same endpoint, which is the administrator's own. */
  readonly amongOthers: boolean;
}

export interface Owner {
  readonly key: string;
  readonly mac: Mac;
  /** Beyond doubt. A contact of which this cannot be said is neither removed nor notified. */
  readonly certain: boolean;
}

type Answer = 'yes' | 'no' | 'unknown';

interface Trait {
  agrees(contact: Contact, candidate: Candidate): Answer;
  /**
   * `proof`: whom it fits, owns the contact, whatever is unknown of the others. `strong`: the same when nothing is unknown
   * of the others. `weak`: a likelihood.
   */
  readonly weight: 'proof' | 'strong' | 'weak';
}

/** Most telling first. */
const TRAITS: readonly Trait[] = [
  { weight: 'proof', agrees: ({ userAgent }, { mac }) => (namesMac(userAgent, mac) ? 'yes' : 'unknown') },
  // One for all REGISTERs between two restarts of a phone, whatever its router does (RFC 3261, 10.2).
  { weight: 'proof', agrees: seen((contact, known) => known.callId !== '' && contact.callId === known.callId) },
  {
    weight: 'proof',
    agrees: seen((contact, known) => onSameHost(contact, known) && contact.viaPort === known.viaPort),
  },
  { weight: 'strong', agrees: seen(onSameHost) },
  // No router in between: one host, which has had the file.
  {
    weight: 'strong',
    agrees: ({ address, viaAddress }, { fetchedFrom }) =>
      fetchedFrom === address && viaAddress === address ? 'yes' : 'unknown',
  },
  { weight: 'weak', agrees: seen((contact, known) => contact.viaAddress === known.viaAddress) },
  {
    weight: 'weak',
    agrees: seen((contact, known) => contact.address === known.address && contact.userAgent === known.userAgent),
  },
  {
    weight: 'weak',
    agrees({ address }, { seenAs, fetchedFrom }) {
      if (seenAs === null && fetchedFrom === null) return 'unknown';
      return address === seenAs?.address || address === fetchedFrom ? 'yes' : 'no';
    },
  },
];

/**
 * Whose each registration of one AOR is: Asterisk does not say. Candidates are the lines first, then what is left of
 * earlier ones. Trait by trait the candidates are narrowed down to those
 * that agree; a weak trait never rules out a candidate of which too little is known. A contact that may be several
 * candidates' is nobody's: it is missing in the answer. Among others it is theirs unless it shows that it is one of ours.
 */
export function ownersOf(contacts: readonly Contact[], candidates: readonly Candidate[]): ReadonlyMap<Contact, Owner> {
  const owners = new Map<Contact, Owner>();
  const open = new Map<Contact, readonly Candidate[]>();
  for (const contact of contacts) {
    const possible = whose(contact, candidates);
    if ('key' in possible) owners.set(contact, heirOf(possible, contact, candidates));
    else open.set(contact, possible);
  }
  for (const [contact, possible] of open) {
    const rest = possible.filter(({ key }) => !isElsewhere(key, contact, owners));
    const [one] = rest;
    if (rest.length === 1 && one !== undefined) owners.set(contact, { key: one.key, mac: one.mac, certain: false });
  }
  return owners;
}

/** What a device had has ended: its registration that has been renewed since is that of what it has now. */
function heirOf(owner: Owner, contact: Contact, candidates: readonly Candidate[]): Owner {
  const heir = candidates.find(
    ({ mac, notIts }) =>
      mac === owner.mac && notIts !== null && isAmong(notIts, contact) && !notIts.includes(standing(contact)),
  );
  return heir === undefined ? owner : { ...owner, key: heir.key };
}

/** It has another registration, renewed since this one was: a phone has one at a time. */
function isElsewhere(key: string, contact: Contact, owners: ReadonlyMap<Contact, Owner>): boolean {
  return [...owners].some(
    ([other, owner]) => owner.key === key && owner.certain && other.expiresAt > contact.expiresAt,
  );
}

/** The owner, or those who may be. */
function whose(contact: Contact, candidates: readonly Candidate[]): Owner | readonly Candidate[] {
  const isAmongOthers = candidates.some(({ amongOthers }) => amongOthers);
  let possible = candidates
    .filter(({ notIts }) => notIts !== null && !isAmong(notIts, contact))
    // Of one device, what it has now comes before what it had.
    .filter(({ mac }, at, all) => all.findIndex((other) => other.mac === mac) === at);
  const [only] = possible;
  if (possible.length === 1 && only !== undefined && !isAmongOthers)
    return { key: only.key, mac: only.mac, certain: true };
  for (const { agrees, weight } of TRAITS) {
    const answers = new Map(possible.map((candidate) => [candidate, agrees(contact, candidate)]));
    const saying = (...words: readonly Answer[]): Candidate[] =>
      possible.filter((candidate) => words.includes(answers.get(candidate) ?? 'unknown'));
    if (isAmongOthers && weight === 'weak') return [];
    if (saying('yes').length === 0) continue;
    possible = weight === 'proof' ? saying('yes') : saying('yes', 'unknown');
    const [one] = possible;
    if (possible.length === 1 && one !== undefined) return { key: one.key, mac: one.mac, certain: weight !== 'weak' };
  }
  return possible;
}

/** What tells which of the contacts of one phone is the newest. Asterisk does not keep when it was made. */
export interface Latest {
  /** Places (`whereOf`) that phones have just registered from, in this order. */
  readonly places: readonly string[];
  /** All contacts of the AOR: of those at one place the newest is the one that was heard there. */
  readonly all: readonly Contact[];
  /** URI that was taken for the current one until now. */
  readonly known: string | null;
  /** The phone cannot have registered elsewhere since without being one of `places`. */
  readonly isWatched: boolean;
}

/**
 * Of the contacts of one owner the one that it is at: the others are what it has left behind. What we have heard comes
 * first; then what ends last, which misleads when it asks for shorter times than before, and in seconds that are shared.
 */
export function currentOf(
  contacts: readonly Contact[],
  { places, all, known, isWatched }: Latest,
): Contact | undefined {
  const isOutdone = ({ uri, expiresAt }: Contact): boolean =>
    all.some((other) => whereOf(other.uri) === whereOf(uri) && other.expiresAt > expiresAt);
  const heard = (contact: Contact): number => (isOutdone(contact) ? -1 : places.lastIndexOf(whereOf(contact.uri)));
  const isKnown = ({ uri }: Contact): number => Number(uri === known);
  return contacts.toSorted(
    (one, other) =>
      heard(other) - heard(one) ||
      (isWatched ? isKnown(other) - isKnown(one) : 0) ||
      other.expiresAt - one.expiresAt ||
      isKnown(other) - isKnown(one),
  )[0];
}

export function identityOf({ callId, address, viaAddress, viaPort, userAgent }: Contact): Identity {
  return { callId, address, viaAddress, viaPort, userAgent };
}

/** Names a registration as it is now: renewed, or shortened, it ends at another time. */
export function standing(contact: Pick<Contact, 'uri' | 'callId' | 'expiresAt'>): string {
  return `${markOf(contact)} ${contact.expiresAt}`;
}

/** Whether it is one of these (`standing`), renewed since or not. */
export function isAmong(before: readonly string[], contact: Pick<Contact, 'uri' | 'callId'>): boolean {
  return before.some((each) => each.startsWith(`${markOf(contact)} `));
}

/** Names one registration by one phone: another phone that comes to the same URI has another Call-ID. */
export function markOf({ uri, callId }: Pick<Contact, 'uri' | 'callId'>): string {
  return `${callId} ${uri}`;
}

function seen(same: (contact: Contact, known: Identity) => boolean): Trait['agrees'] {
  return (contact, { seenAs }) => {
    if (seenAs === null) return 'unknown';
    return same(contact, seenAs) ? 'yes' : 'no';
  };
}

/** The same private address behind the same public one. */
function onSameHost(contact: Contact, known: Identity): boolean {
  return contact.address === known.address && contact.viaAddress === known.viaAddress;
}

/** Whether a User-Agent has this MAC in it, in any spelling. Anybody may write it there. */
export function namesMac(userAgent: string, mac: Mac): boolean {
  return mac !== '' && userAgent.toLowerCase().replace(/[:-]/g, '').includes(mac);
}

/**
 * What is left to do about a line that its device has: Asterisk must forget its registration, and a phone that nothing
 * else will tell must hear that it has to fetch.
 */
export interface Farewell extends Candidate {
  readonly aor: string;
  readonly tenantId: string;
  /** All of the AOR go: it was this line's alone and no other line will ever have the name. */
  readonly whole: boolean;
  /** URI that the device was registered with, as far as we know. */
  readonly contact: string | null;
  /** Where the phone is told, once; `null` when a hand-over tells it, or when it has been told. */
  readonly notify: string | null;
  readonly family: string;
  /** It has been told that the registration could not be removed. */
  readonly told: boolean;
  readonly createdAt: Instant;
  readonly nextAttemptAt: Instant;
}
