import type { Contact } from './ports.ts';
import type { Mac } from './mac.ts';

/** What is known of one device that may stand behind a contact. */
export interface Candidate {
  readonly mac: Mac;
  /** Contact URI it was last known with. */
  readonly contact: string | null;
  /** Address it last fetched a file from. */
  readonly address: string | null;
  /** Contact URIs that cannot be this device's: they were there before it had the line. */
  readonly notIts?: readonly string[];
}

/**
 * Which device each registration of a shared AOR belongs to: Asterisk does not say. In this order: the URI it was known
 * with, its MAC in the User-Agent, the only one at its address, the only one left. Devices that cannot be told apart
 * stay out of the answer.
 */
export function matchContacts(
  contacts: readonly Contact[],
  candidates: readonly Candidate[],
): ReadonlyMap<Mac, Contact> {
  const matched = new Map<Mac, Contact>();
  const take = (belongs: (contact: Contact, candidate: Candidate) => boolean): void => {
    const openDevices = candidates.filter(({ mac }) => !matched.has(mac));
    const openContacts = contacts.filter((contact) => ![...matched.values()].includes(contact));
    for (const candidate of openDevices) {
      const mayBeIts = openContacts.filter(({ uri }) => candidate.notIts?.includes(uri) !== true);
      const its = mayBeIts.filter((contact) => belongs(contact, candidate));
      const [contact] = its.slice(-1);
      if (contact === undefined) continue;
      const rivals = openDevices.filter((other) => other !== candidate && belongs(contact, other));
      if (rivals.length === 0) matched.set(candidate.mac, contact);
    }
  };
  take((contact, { contact: known }) => contact.uri === known);
  take((contact, { mac }) => hexOf(contact.userAgent).includes(mac));
  take((contact, { address }) => contact.address === address);
  if (candidates.length - matched.size === 1) take(() => true);
  return matched;
}

function hexOf(userAgent: string): string {
  return userAgent.toLowerCase().replace(/[:-]/g, '');
}
