import { placeOf, whereOf } from '../../src/domain/addresses.ts';
import type { Line } from '../../src/domain/device.ts';
import type { Event } from '../../src/domain/journal.ts';
import type { Contact } from '../../src/domain/registrations.ts';
import { markOf } from '../../src/domain/registrations.ts';
import type { Secret } from '../../src/domain/secret.ts';
import type { Store } from '../../src/domain/ports.ts';
import { TENANTS, type Cast } from './cast.ts';
import { addressOf, nameIn, placesOf, signalling, type Account, type Phone } from './phones.ts';
import type { Story } from './story.ts';
import { TIMES } from './times.ts';

/**
 * What is so in truth: who has which device, who is where, which account is rightly over. It knows what phones have done and
 * which events were committed, and judges by that what selfprov does.
 */
export interface Oracle {
  /** A phone has each user's line since a call from it was accepted. */
  readonly rightful: () => readonly { readonly mac: string; readonly userId: string; readonly phone: Phone }[];
  /** Phones that have been released while they were being handed over, and not been told yet. */
  readonly toBeTold: Set<Phone>;
  /** Registrations that selfprov has not had the time to hear of. */
  readonly unheard: Set<string>;
  /** How often a device has changed hands. */
  epochOf(mac: string): number;
  /** Whether it has ever registered with this account: one that never did is forgotten after a while. */
  hasUsed(phone: Phone, account: Account): boolean;
  /** Whether this default line has ended as it should: it became a user's, or its device was taken, moved, released. */
  isOver(account: Account): boolean;
  /** Who has accounts left for a user's, so far: what is asked meanwhile may still be answered as before. */
  readonly accountsLeft: () => readonly string[];

  phoneAt(uri: string): Phone | undefined;
  /** From where it is now, with what it has read: Asterisk may refuse it. */
  registers(phone: Phone, account: Account): void;
  hasCalled(phone: Phone, account: Account): void;
  hasRegistered(phone: Phone, account: Account, expires: number, place: string): void;
  hasUnregistered(phone: Phone, account: Account): void;
  /** It was given these lines, with this token. */
  hasRead(lines: readonly Line[]): void;
  /** The file has arrived whole. */
  hasFetched(phone: Phone, lines: readonly Line[]): Promise<void>;
  drives(): void;
  hears(event: Omit<Event, 'id'>): void;

  /** What leaves with an answer: `worth` are the accounts whose token is a proof now. */
  checkAnswer(phone: Phone, given: Secret | null, lines: readonly Line[], worth: readonly (string | null)[]): void;
  /** Before it is sent: it goes to nobody else. */
  checkAim(mac: string, uri: string, contacts: readonly Contact[]): void;
  /** It has arrived. */
  checkTold(mac: string, uri: string, bySync: boolean): Promise<void>;
  checkRemoval(contact: Contact, isStanding: boolean): Promise<void>;
}

export function makeOracle(store: Store, now: () => number, cast: Cast, story: Story): Oracle {
  const { everybody, macs } = cast;
  const { note, violate, run } = story;
  /** By MAC and user. */
  const rightful = new Map<string, Phone>();
  const hadLast = new Map<string, Phone>();
  const epochs = new Map<string, number>();
  /** Which accounts each token was given out with: a token is worth as much as that. */
  const issued = new Map<string, Set<string>>();
  /** Default lines that were given out together, by account. */
  const siblings = new Map<string, Set<string>>();
  const over = new Set<string>();
  /** Default lines that a device had when it was moved to another tenant: their token is a proof until it has fetched. */
  const movedFrom = new Map<string, readonly string[]>();
  const credentials = new Map<string, Pick<Account, 'authName' | 'password'>>();
  /** Who last called about a device on an account, and from which place. */
  const calls = new Map<string, { readonly phone: Phone; readonly account: Account; readonly place: string }>();
  const accountsLeft: string[] = [];
  const used = new Set<string>();
  const blocked = new Set<string>();
  /** Who has last registered from each place. */
  const latest = new Map<string, string>();
  const everThere = new Map<string, Set<string>>();
  /** Account and place that each phone was last registered with, and until when. */
  const standing = new Map<string, { readonly as: string; readonly until: number }>();
  /** Where each phone was registered when a call from it was accepted. */
  const acceptedAt = new Map<string, { readonly phone: Phone; readonly account: Account; readonly place: string }>();
  const toldBySyncs = new Map<string, number>();
  const toBeTold = new Set<Phone>();
  const unheard = new Set<string>();
  let driveBegan = 0;

  const placeNow = (phone: Phone, account: Account): string =>
    placeOf(addressOf(phone), signalling(phone, account).port);
  const isThere = (phone: Phone, place: string): unknown =>
    everThere.set(place, (everThere.get(place) ?? new Set<string>()).add(phone.name));
  const phoneAt = (uri: string): Phone | undefined => everybody.find((phone) => placesOf(phone).includes(whereOf(uri)));
  const epochOf = (mac: string): number => epochs.get(mac) ?? 0;
  /** Users of a device of which nobody knows who has it. */
  const unknown = new Set<string>();
  const isUnknown = (mac: string): boolean => [...unknown].some((key) => key.startsWith(`${mac} `));
  const isUsers = (mac: string): boolean =>
    isUnknown(mac) || [...rightful.keys()].some((key) => key.startsWith(`${mac} `));
  const isEntitled = (phone: Phone): boolean =>
    [...rightful].some(([key, its]) => its === phone && key.startsWith(`${phone.mac} `));

  function begins(mac: string, userId: string, phone: Phone | undefined): void {
    unknown.delete(`${mac} ${userId}`);
    rightful.delete(`${mac} ${userId}`);
    if (phone === undefined) return void unknown.add(`${mac} ${userId}`);
    rightful.set(`${mac} ${userId}`, phone);
    hadLast.set(mac, phone);
  }

  function ends(mac: string, userId: string | null): void {
    for (const all of [rightful, unknown, acceptedAt])
      for (const key of [...all.keys()])
        if (userId === null ? key.startsWith(`${mac} `) : key === `${mac} ${userId}`) all.delete(key);
  }

  /** All default lines of a device but those that were given out with this one. */
  function endOthers(mac: string, account: string | null): void {
    const its = account === null ? undefined : siblings.get(account);
    for (const [each] of siblings)
      if (each.includes(mac) && (each === account || its?.has(each) !== true)) over.add(each);
  }

  /** Whoever has used the lines that end now has the device. */
  function isMoved(mac: string): void {
    const its = [...siblings.keys()].filter((account) => account.includes(mac) && !over.has(account));
    movedFrom.set(mac, its);
    const using = everybody.filter(({ name }) => its.some((account) => used.has(`${name} ${account}`)));
    if (using.length === 1 && using[0] !== undefined) hadLast.set(mac, using[0]);
  }

  /** Who has a device that an administrator gives to a user: whoever has used its account, else the one that had it before. */
  function whoHas(mac: string, account: string): Phone | undefined {
    const using = everybody.find((phone) => phone.mac === mac && used.has(`${phone.name} ${account}`));
    return using ?? hadLast.get(mac);
  }

  function isAccepted(mac: string, userId: string, actor: string | null, account: string): void {
    if (blocked.has(mac)) violate(`${mac} is given to a user while it is blocked`);
    accountsLeft.push(account);
    endOthers(mac, account === 'null' ? null : account);
    if (actor !== 'phone') return begins(mac, userId, whoHas(mac, account));
    const call = calls.get(`${mac} ${account}`);
    if (call !== undefined && call.account.userId !== null) ends(mac, call.account.userId);
    begins(mac, userId, call?.phone);
    if (call === undefined) return;
    const { phone, account: its, place } = call;
    const { as, until } = standing.get(`${phone.name} ${its.slot}`) ?? { as: '', until: 0 };
    const stays = placeNow(phone, its) === place && as === `${its.endpoint} ${place}` && until > now();
    if (stays) acceptedAt.set(`${mac} ${userId}`, call);
  }

  /** A phone that is where nobody else has ever been is told. */
  async function whyNot(mac: string, why: string): Promise<void> {
    const open = (await store.handOversOf(mac)).filter(({ state }) => state === 'open');
    const contact = open.length === 1 ? (open[0]?.contact ?? null) : null;
    if (contact === null || !why.startsWith('its contact may be')) return;
    const there = [...(everThere.get(whereOf(contact)) ?? [])];
    const aor = /^sips?:([^@]+)@/.exec(contact)?.[1] ?? '';
    const sharing = [...(await store.linesOfEndpoint(aor)), ...(await store.farewells(aor))];
    const isAlone = there.length === 1 && everybody.find(({ name }) => name === there[0])?.mac === mac;
    // Of an account that has just been forgotten nobody can say any more whose it was.
    const isKnown = sharing.length > 0 && sharing.every((each) => each.mac === mac);
    if (isAlone && isKnown) violate(`${mac} is not told where nobody else has been`);
  }

  /** A phone that has its file is starting: who tells it again makes it start again. */
  function noPeace(phone: Phone): void {
    const { fetchedAt, firstFetchedAt, config } = phone;
    if (fetchedAt === null || firstFetchedAt === null || config?.epoch !== epochOf(phone.mac)) return;
    const isStarting = now() > fetchedAt && now() - fetchedAt < TIMES.registerWithin;
    if (isStarting && now() - firstFetchedAt < 2 * TIMES.registerWithin && driveBegan > fetchedAt)
      violate(`${phone.name} is told to fetch ${(now() - fetchedAt) / 1000} s after it has fetched`);
  }

  /** No sync tells a device twice. */
  async function onceForEach(mac: string): Promise<void> {
    const told = (toldBySyncs.get(mac) ?? 0) + 1;
    toldBySyncs.set(mac, told);
    const all = (await Promise.all(TENANTS.map((tenantId) => store.syncs(tenantId)))).flat();
    const items = await Promise.all(all.map(({ id }) => store.syncItem(id, mac)));
    const syncs = items.filter((item) => item !== undefined).length;
    if (told > syncs) violate(`${mac} is told ${told} times by ${syncs} syncs`);
  }

  return {
    ...{ toBeTold, unheard, epochOf, phoneAt },
    rightful: () =>
      [...rightful].map(([key, phone]) => {
        const [mac = '', userId = ''] = key.split(' ');
        return { mac, userId, phone };
      }),
    hasUsed: ({ name }, { authName }) => used.has(`${name} ${authName}`),
    isOver: ({ endpoint }) => over.has(endpoint),
    accountsLeft: () => accountsLeft,

    registers(phone, account) {
      const { address, port } = signalling(phone, account);
      credentials.set(nameAndUri(phone.name, `sip:${account.endpoint}@${bracketed(address)}:${port}`), account);
    },
    hasCalled(phone, account) {
      const place = placeNow(phone, account);
      isThere(phone, place);
      calls.set(`${phone.mac} ${account.endpoint}`, { phone, account, place });
    },
    hasRegistered(phone, { endpoint, authName, slot }, expires, place) {
      used.add(`${phone.name} ${authName}`);
      latest.set(place, phone.name);
      isThere(phone, place);
      standing.set(`${phone.name} ${slot}`, { as: `${endpoint} ${place}`, until: now() + expires * 1000 });
    },
    hasUnregistered(phone, account) {
      standing.delete(`${phone.name} ${account.slot}`);
      isThere(phone, placeNow(phone, account));
    },
    hasRead(lines) {
      const accounts = lines.flatMap(({ endpoint, authName }) => [endpoint, ofLine(authName)]);
      const defaults = lines.filter(({ userId }) => userId === null).map(({ endpoint }) => endpoint);
      for (const { token } of lines) {
        const before = issued.get(token.reveal()) ?? [];
        issued.set(token.reveal(), new Set([...before, ...accounts]));
      }
      for (const each of defaults) siblings.set(each, new Set([...(siblings.get(each) ?? []), ...defaults]));
    },
    async hasFetched(phone, lines) {
      const open = (await store.handOversOf(phone.mac)).filter(({ state }) => state === 'open');
      // Who shows nothing of itself behind a public address may be anybody there.
      const isIts = !phone.site.isPublic || open.every(({ lineId }) => lines.some(({ id }) => id === lineId));
      if (isIts) phone.fetchedAt = now();
      if (isIts) phone.firstFetchedAt ??= now();
    },
    drives: () => void (driveBegan = now()),

    hears({ step, mac, actor, userId, detail }) {
      if (mac === null || !macs.includes(mac)) return;
      note(`  * ${step} ${mac.slice(-1)}`);
      if (step === 'not_notified' && detail['sync'] === undefined)
        run('look why', () => whyNot(mac, String(detail['why'])));
      if (step === 'done' || step === 'failed') acceptedAt.delete(`${mac} ${userId}`);
      if (step === 'blocked') blocked.add(mac);
      if (step === 'unblocked' || step === 'removed') blocked.delete(mac);
      if (step === 'new_url' || step === 'removed') hadLast.delete(mac);
      if (step === 'new_url' && !isUsers(mac)) endOthers(mac, null);
      const moves = step === 'device_changed' && detail['tenant'] !== undefined;
      const changesHands = step === 'accepted' || step === 'released' || step === 'removed' || moves;
      // What it had is worth nothing: an administrator has said so.
      if (changesHands || step === 'new_url') epochs.set(mac, epochOf(mac) + 1);
      if (!changesHands) return;
      for (const phone of everybody) if (phone.mac === mac) phone.firstFetchedAt = phone.fetchedAt = null;
      if (step === 'released' || step === 'removed') movedFrom.delete(mac);
      if (step === 'accepted') return isAccepted(mac, String(userId), actor, String(detail['account']));
      const under = acceptedAt.get(`${mac} ${userId}`);
      if (under !== undefined && placeNow(under.phone, under.account) === under.place) toBeTold.add(under.phone);
      const giving = actor === 'phone' ? rightful.get(`${mac} ${userId}`) : undefined;
      if (giving !== undefined) hadLast.set(mac, giving);
      ends(mac, step === 'released' ? String(userId) : null);
      if (moves) isMoved(mac);
      if (!isUsers(mac)) endOthers(mac, null);
    },

    checkAnswer(phone, given, lines, worth) {
      const users = lines.filter(({ userId }) => userId !== null);
      if (users.length === 0 || isEntitled(phone)) return;
      // An administrator has given the device away, and it is where it was registered.
      if (!phone.isStranger && !phone.site.isPublic && isUnknown(phone.mac)) return;
      const accounts = given === null ? undefined : issued.get(given.reveal());
      const worthIt = [...users.map(({ authName }) => ofLine(authName)), ...worth, ...(movedFrom.get(phone.mac) ?? [])];
      if (accounts === undefined || !worthIt.some((each) => each !== null && accounts.has(each)))
        violate(`${phone.name} gets the user's secret of ${phone.mac}`);
    },

    checkAim(mac, uri, contacts) {
      const reached = phoneAt(uri);
      // Of a phone that has come there without a word, or has come back there, nobody can know.
      const known = contacts.some(
        (contact) =>
          nameIn(contact.callId) === reached?.name &&
          whereOf(contact.uri) === whereOf(uri) &&
          latest.get(whereOf(uri)) === reached?.name &&
          !unheard.has(markOf(contact)),
      );
      if (known && reached?.mac !== mac) violate(`NOTIFY for ${mac} to the contact of ${reached?.name}`);
    },
    async checkTold(mac, uri, bySync) {
      if (bySync) await onceForEach(mac);
      note(`NOTIFY for ${mac.slice(-1)} to ${uri}`);
      const reached = phoneAt(uri);
      if (reached === undefined) return;
      const handOvers = await store.handOversOf(mac);
      if (reached.mac === mac && handOvers.some(({ state }) => state === 'open')) noPeace(reached);
      toBeTold.delete(reached);
    },
    async checkRemoval(contact, isStanding) {
      const its = credentials.get(nameAndUri(nameIn(contact.callId), contact.uri));
      const lines = await store.linesOfEndpoint(contact.aor);
      const mayHave = lines.some(
        ({ authName, secret }) => authName === its?.authName && secret.reveal() === its.password,
      );
      if (isStanding && mayHave)
        violate(`a registration of ${nameIn(contact.callId)} as ${contact.aor}, which it may have, is removed`);
    },
  };
}

/** Asterisk keeps the Call-ID that a URI was first registered with, whatever the phone has used since. */
function nameAndUri(phone: string, uri: string): string {
  return `${phone} ${uri.split(';')[0]}`;
}

/** A line has two names by turns, as its password is changed. */
function ofLine(authName: string): string {
  return authName.replace(/-2$/, '');
}

export function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
