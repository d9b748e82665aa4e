import { asteriskOf, whereOf, type AsteriskName } from '../../domain/addresses.ts';
import { chunks } from '../../domain/chunks.ts';
import { isAmongOthers, type Device, type Line } from '../../domain/device.ts';
import { isRefusal } from '../../domain/errors.ts';
import { concerns } from '../../domain/handOver.ts';
import type { Store } from '../../domain/ports.ts';
import {
  currentOf,
  identityOf,
  ownersOf,
  type Candidate,
  type Contact,
  type Farewell,
} from '../../domain/registrations.ts';
import type { Hearing, Ports } from '../ports.ts';
import { newToSyncs, noteInSyncs, registeredAs } from '../sync/noteInSyncs.ts';
import { afterProof, putFormer } from './formers.ts';
import { moveHandOver } from './moveHandOver.ts';
import { hasAimed, isCertainly, isUnknown, placeOfLine, type Owners, type Sense, type Sensed } from './placeOfLine.ts';
import { removeLeft } from './removeLeft.ts';

export type NoteNeeds = Hearing & Pick<Ports, 'store' | 'registrar' | 'times' | 'now'>;

/** AORs that are asked for together: what is written about them is committed together. */
const AT_ONCE = 10;

/** AORs that are being looked at: who comes meanwhile must not write an older list over a newer one. */
const looking = new WeakMap<Store, Map<string, Promise<unknown>>>();

/**
 * Brings what we know of an AOR's registrations up to date with Asterisk, and completes the hand-overs that waited for
 * one. Called when a phone has authenticated, before an acceptance, and for hand-overs that are due, so a change that
 * nobody told us about is found too. Resolves with the contacts and their owners.
 */
export async function noteRegistrations(ports: NoteNeeds, aor: string): Promise<Owners> {
  const queues = looking.get(ports.store) ?? new Map<string, Promise<unknown>>();
  looking.set(ports.store, queues);
  const before = queues.get(aor) ?? Promise.resolve();
  const mine = before.catch(() => undefined).then(() => look(ports, aor));
  queues.set(aor, mine);
  try {
    return await mine;
  } finally {
    if (queues.get(aor) === mine) queues.delete(aor);
  }
}

async function look(ports: NoteNeeds, aor: string): Promise<Owners> {
  const away = ports.registrar.away();
  const contacts = await ports.registrar.contacts(aor);
  const places = ports.placesOf(aor);
  // Behind a SIP proxy all phones come from its place, which is no contact's.
  const written = places.filter((place) => contacts.some(({ uri }) => whereOf(uri) === place));
  const heard = { places, all: contacts, isWatched: ports.knowsAll() && written.length === places.length, away };
  // Most phones only renew what is known.
  const known = await knownOf(ports.store, aor, contacts, heard, ports);
  await removeLeft(ports, known, heard);
  if (known.isQuiet) {
    ports.explained(aor, written);
    return known.owners;
  }
  const { owners, fresh } = await ports.store.transaction(async (store) => {
    const { lines, farewells, owners: found } = await knownOf(store, aor, contacts, heard, ports);
    const unheard: { readonly line: Line; readonly contact: Contact }[] = [];
    for (const line of lines) {
      const place = placeOfLine(line, found, heard, ports);
      const { current, certain, disbelieved, leftBehind } = place;
      if (isUnknown(line, current, heard)) continue;
      await noteContact(ports, store, line, current, certain);
      if (current !== undefined) await noteInSyncs(store, line, registeredAs(current), ports.now());
      if (disbelieved !== line.disbelieved || !sameTexts(leftBehind, line.leftBehind))
        await store.updateLine(line.id, { disbelieved, leftBehind });
      await putFormer(store, line, afterProof(line, place, lines, heard, ports));
      if (isUnheard(line) && current !== undefined) unheard.push({ line, contact: current });
    }
    for (const farewell of farewells) {
      const its = contacts.filter((contact) => farewell.whole || isCertainly(found.get(contact), farewell.key));
      const there = its.filter((contact) => !hasAimed(ports, contact, null) && !isLeftBehind(contact, farewell, heard));
      await noteMove(ports, store, farewell, currentOf(there, { ...heard, known: farewell.contact }));
    }
    return { owners: found, fresh: unheard };
  });
  ports.explained(aor, written);
  for (const { line, contact } of fresh) await announce(ports, line, contact);
  return owners;
}

/** Lamps and queues do not know yet of what there is to know of a user's line. */
function isUnheard({ userId, announced }: Pick<Line, 'userId' | 'announced'>): boolean {
  return userId !== null && !announced;
}

/** What is known of the phone does not wait for lamps and queues: they are told at the next look, if not now. */
async function announce(
  { store, registrar }: Pick<Ports, 'store' | 'registrar'>,
  line: Line,
  contact: Contact,
): Promise<void> {
  try {
    if (await registrar.announce(contact)) await store.updateLine(line.id, { announced: true });
  } catch (error) {
    if (!isRefusal(error, 'unavailable')) throw error;
  }
}

/** What there is to know of these contacts; `isQuiet` when all of it is written down and nobody waits for anything. */
async function knownOf(
  store: Store,
  aor: string,
  contacts: readonly Contact[],
  heard: Sensed,
  sense: Sense & Pick<Ports, 'now'>,
): Promise<{ lines: readonly Line[]; farewells: readonly Farewell[]; owners: Owners; isQuiet: boolean }> {
  const lines = await store.linesOfEndpoint(aor);
  const farewells = await store.farewells(aor);
  const handOvers = await Promise.all(lines.map(({ mac, slot }) => store.handOver(mac, slot)));
  const candidates = lines.map((line, at): Candidate => {
    const { id, mac, seenAs, address } = line;
    const handOver = handOvers[at];
    const underWay = handOver?.lineId === id && handOver.state !== 'done';
    // Its password has never left: a device of the inventory that has not come yet.
    const isUnknown = line.servedAt === null && seenAs === null && line.contact === null;
    const notIts = underWay ? handOver.contactsBefore : isUnknown ? null : [];
    return { key: id, mac, seenAs, fetchedFrom: address, notIts, amongOthers: isAmongOthers(line) };
  });
  const found = ownersOf(contacts, [...candidates, ...farewells]);
  const owners = new Map(contacts.map((contact) => [contact, found.get(contact)]));
  const isWritten = (line: Line): boolean => {
    const place = placeOfLine(line, owners, heard, sense);
    const { current, certain, disbelieved, leftBehind } = place;
    if (isUnknown(line, current, heard)) return true;
    if (afterProof(line, place, lines, heard, sense) !== line.former) return false;
    if (disbelieved !== line.disbelieved || !sameTexts(leftBehind, line.leftBehind)) return false;
    if (current === undefined) return line.contact === null;
    const same = line.contact === current.uri && line.contactCertain === certain && !isUnheard(line);
    return same && (!certain || sameIdentity(identityOf(current), line.seenAs));
  };
  const nobodyWaits = handOvers.every((handOver) => handOver === undefined || handOver.state === 'done');
  const isNew = await Promise.all(lines.map((line) => isNewToSyncs(store, line, owners, heard, sense)));
  const isQuiet = farewells.length === 0 && nobodyWaits && lines.every(isWritten) && !isNew.includes(true);
  return { lines, farewells, owners, isQuiet };
}

async function isNewToSyncs(store: Store, line: Line, owners: Owners, heard: Sensed, sense: Sense): Promise<boolean> {
  const { current } = placeOfLine(line, owners, heard, sense);
  return current !== undefined && (await newToSyncs(store, line, registeredAs(current))).length > 0;
}

/** What the phone was known by at the end has run out: what has not, and nobody has heard of since, is older. */
function isLeftBehind({ uri }: Contact, { contact }: Farewell, { all, places }: Sensed): boolean {
  return contact !== null && !all.some((other) => other.uri === contact) && !places.includes(whereOf(uri));
}

/** A phone that has left this AOR was somewhere else at the end than we knew: there it is told. */
async function noteMove(
  ports: Pick<Ports, 'times' | 'now'>,
  store: Store,
  { key, aor, mac, contact, notify }: Farewell,
  current: Contact | undefined,
): Promise<void> {
  if (current === undefined || current.uri === contact) return;
  await store.updateFarewell(key, { contact: current.uri, ...(notify === null ? {} : { notify: current.uri }) });
  const device = await store.device(mac);
  if (device === undefined) return;
  for (const handOver of await store.handOversOf(mac)) {
    // Of several ports the one that has left from here.
    if (contact === null && handOver.leaves !== aor) continue;
    await moveHandOver(store, ports, device, handOver, { kind: 'moved', from: contact, to: current.uri });
  }
}

async function noteContact(
  ports: Pick<Ports, 'times' | 'now'>,
  store: Store,
  line: Line,
  contact: Contact | undefined,
  certain: boolean,
): Promise<void> {
  const device: Device | undefined = await store.device(line.mac);
  if (device === undefined) return;
  const uri = contact?.uri ?? null;
  const seenAs = contact !== undefined && certain ? identityOf(contact) : line.seenAs;
  const changed = line.contact !== uri || line.contactCertain !== certain || !sameIdentity(seenAs, line.seenAs);
  // Who has gone and comes back is announced anew: Asterisk may have been restarted meanwhile.
  const announced = line.announced && contact !== undefined;
  const leftAt = contact === undefined && line.contact !== null ? ports.now() : line.leftAt;
  if (changed) await store.updateLine(line.id, { contact: uri, contactCertain: certain, seenAs, announced, leftAt });
  if (contact === undefined) return;
  if (line.contact === null) {
    const detail = { account: line.endpoint, certain };
    const about = { tenantId: device.tenantId, mac: line.mac, userId: line.userId, actor: 'phone' };
    await store.addEvent({ step: 'registered', ...about, detail });
  }
  const handOver = await store.handOver(line.mac, line.slot);
  if (handOver === undefined || !concerns(handOver, line, contact)) return;
  await moveHandOver(store, ports, device, handOver, { kind: 'registered', certain });
}

function sameTexts(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((text, at) => text === others[at]);
}

function sameIdentity(one: Line['seenAs'], other: Line['seenAs']): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/**
 * The same for every AOR of which the whole list of an Asterisk says something else than we know of it: after a time in which
 * nobody told us of changes. The list is old when it is here, so each of them is asked for anew.
 */
export async function noteAllRegistrations(
  ports: NoteNeeds,
  listed: readonly Contact[],
  asterisk: AsteriskName = null,
): Promise<void> {
  const known = new Map<string, Set<string>>();
  const unheard = new Set<string>();
  for (const line of await ports.store.knownRegistrations()) {
    const { endpoint, contact } = line;
    const uris = known.get(endpoint) ?? new Set();
    known.set(endpoint, contact === null || asteriskOf(contact) !== asterisk ? uris : uris.add(contact));
    if (contact !== null && isUnheard(line)) unheard.add(endpoint);
  }
  const there = new Map<string, Set<string>>();
  for (const { aor, uri } of listed) there.set(aor, (there.get(aor) ?? new Set()).add(uri));
  const isNew = ([aor, uris]: readonly [string, ReadonlySet<string>]): boolean => {
    const listed = there.get(aor) ?? new Set();
    const same = uris.size === listed.size && [...uris].every((uri) => listed.has(uri));
    return !same || unheard.has(aor);
  };
  const toLookAt = [...known].filter(isNew).map(([aor]) => aor);
  for (const some of chunks(toLookAt, AT_ONCE)) await Promise.all(some.map((aor) => noteRegistrations(ports, aor)));
}
