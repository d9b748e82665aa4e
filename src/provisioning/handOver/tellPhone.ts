import { isDefaultAccount, isDefaultAccountOf } from '../../domain/accountNames.ts';
import { asteriskOf, isPlainContact, whereOf } from '../../domain/addresses.ts';
import { isRefusal } from '../../domain/errors.ts';
import type { Mac } from '../../domain/mac.ts';
import type { Contact } from '../../domain/registrations.ts';
import type { Instant } from '../../domain/time.ts';
import type { Heard, Ports } from '../ports.ts';
import type { IsStillMine } from '../claimed.ts';
import { noteRegistrations, type NoteNeeds } from './noteRegistrations.ts';

/** What became of an attempt to tell a phone something. */
export type Told =
  | { readonly kind: 'sent' | 'unreachable' }
  /** `mayPass`: it may be possible in a while, when it is known that another phone is elsewhere. */
  | { readonly kind: 'not_sent'; readonly why: string; readonly mayPass: boolean };

/** From a phone's first REGISTER to that of its last account. No address is given to another phone so soon. */
const STARTS_WITHIN_MS = 60_000;

/** Whom it is for, and what is known of where it is. */
interface Phone {
  readonly mac: Mac;
  readonly family: string;
  readonly contact: string | null;
  /** Endpoints that it was there with; they may be gone, and others' by now. */
  readonly accounts: readonly string[];
  /** When that was where it is. */
  readonly since: Instant;
}

/**
 * Sends check-sync to the contact of a device, unless it is, or may be, another phone's by now. Never rejects because of
 * Asterisk.
 */
export async function tellPhone(
  ports: NoteNeeds & Pick<Ports, 'checkSyncOf'> & IsStillMine,
  phone: Phone,
  what: 'fetch' | 'reboot' = 'fetch',
): Promise<Told> {
  if (phone.contact === null) return { kind: 'not_sent', why: 'nobody knows where the phone is', mayPass: false };
  if (!isPlainContact(phone.contact))
    return { kind: 'not_sent', why: 'its contact aims at somebody else', mayPass: false };
  if (!ports.registrar.asterisks.includes(asteriskOf(phone.contact)))
    return { kind: 'not_sent', why: 'the Asterisk that knew it is not one of ours any more', mayPass: false };
  // Until then nobody can tell whose a contact is.
  if (!ports.knowsAll(asteriskOf(phone.contact))) return { kind: 'unreachable' };
  try {
    if (!(await isItsAlone(ports, phone, phone.contact))) {
      return { kind: 'not_sent', why: 'its contact may be another phone’s', mayPass: true };
    }
    // Another process has taken it over from this one, which had stopped in the meantime.
    if (!ports.isStillMine()) return { kind: 'unreachable' };
    await ports.registrar.notify(phone.contact, ports.checkSyncOf(phone.family, what));
    return { kind: 'sent' };
  } catch (error) {
    if (isRefusal(error, 'unavailable')) return { kind: 'unreachable' };
    if (isRefusal(error, 'invalid')) return { kind: 'not_sent', why: 'Asterisk would not send it', mayPass: false };
    throw error;
  }
}

/**
 * A contact that nobody has any more was its own when it was written down. A router may have given the port to another
 * phone since: that one has another contact, at the same place.
 */
async function isItsAlone(ports: NoteNeeds, phone: Phone, uri: string): Promise<boolean> {
  const { mac, since } = phone;
  const here = await ports.registrar.contactsAt(uri);
  const renewed = Math.max(0, ...here.map(({ expiresAt }) => expiresAt));
  return (
    (await areIts(ports, mac, here)) &&
    !(await isSomebodyElses(ports, phone, whereOf(uri))) &&
    !(await hasLeftFrom(ports, mac, whereOf(uri), renewed)) &&
    !(await hasMovedTo(ports, mac, whereOf(uri), since))
  );
}

/**
 * Whether another device was heard of at this place after this one; or an endpoint that is not ours, an account of the
 * administrator's own pjsip.conf for example, was first heard of there when the device's own was no longer.
 */
async function isSomebodyElses(ports: NoteNeeds, { mac, accounts }: Phone, where: string): Promise<boolean> {
  const heard = ports.heardAt(where);
  const whose = await Promise.all(
    heard.map(async ({ endpoint }) => (accounts.includes(endpoint) ? 'its' : whoseIs(ports, mac, endpoint))),
  );
  const its = heard.filter((_, at) => whose[at] === 'its');
  const [lastOwn, lastOwnAt] = [Math.max(-1, ...its.map(({ last }) => last)), Math.max(0, ...its.map(({ at }) => at))];
  // A phone may have several accounts: what was there with the device before, or came when it started, is the same phone.
  const hasCome = ({ first, firstAt }: Heard): boolean =>
    lastOwn <= 0 || (first > lastOwn && firstAt - lastOwnAt > STARTS_WITHIN_MS);
  return heard.some((other, at) => {
    if (whose[at] === 'its' || other.last <= lastOwn) return false;
    return whose[at] === 'anothers' || hasCome(other);
  });
}

async function whoseIs({ store }: NoteNeeds, mac: Mac, endpoint: string): Promise<'its' | 'anothers' | 'unknown'> {
  if (isDefaultAccountOf(mac, endpoint)) return 'its';
  const all = [...(await store.linesOfEndpoint(endpoint)), ...(await store.farewells(endpoint))];
  if (all.some((each) => each.mac === mac)) return 'its';
  return all.length > 0 || isDefaultAccount(endpoint) ? 'anothers' : 'unknown';
}

/** Whether all of these contacts are certainly of this device. */
async function areIts(ports: NoteNeeds, mac: Mac, contacts: readonly Contact[]): Promise<boolean> {
  for (const { aor, uri } of contacts) {
    if (isDefaultAccountOf(mac, aor)) continue;
    const owners = await noteRegistrations(ports, aor);
    const found = [...owners].find(([contact]) => contact.uri === uri);
    if (found === undefined) continue;
    const [, owner] = found;
    if (owner?.certain !== true || owner.mac !== mac) return false;
  }
  return true;
}

/** Whether another device whose line has ended was registered at this place, and no earlier than that. */
async function hasLeftFrom(ports: NoteNeeds, mac: Mac, where: string, renewed: Instant): Promise<boolean> {
  for (const other of await ports.store.farewellsAt(where)) {
    if (other.mac === mac) continue;
    const its = (await ports.registrar.contacts(other.aor)).filter((contact) => whereOf(contact.uri) === where);
    if (its.some(({ expiresAt }) => expiresAt >= renewed)) return true;
  }
  return false;
}

/** Whether another device is registered at this place, or was there when a call from it was accepted later. */
async function hasMovedTo(ports: NoteNeeds, mac: Mac, where: string, since: Instant): Promise<boolean> {
  for (const line of await ports.store.linesAt(where)) {
    if (line.mac !== mac) await noteRegistrations(ports, line.endpoint);
  }
  return ports.store.transaction(async (store) => {
    const lines = await store.linesAt(where);
    const handOvers = await store.handOversAt(where);
    return (
      lines.some((line) => line.mac !== mac) ||
      handOvers.some((other) => other.mac !== mac && other.acceptedAt >= since)
    );
  });
}
