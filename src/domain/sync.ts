import { asteriskOf, hostOf, type AsteriskName } from './addresses.ts';
import type { Detail, Step } from './journal.ts';
import type { Mac } from './mac.ts';
import { byItself, countsOf, isEnded, NOT_FETCHED, type SyncItem } from './syncItem.ts';
import type { Instant } from './time.ts';

/** `stopped`: by itself, because too many of the first ones were lost. */
export type SyncState = 'running' | 'paused' | 'stopped' | 'done' | 'cancelled';

/** Many devices are told to fetch, one after the other. */
export interface Sync {
  readonly id: number;
  readonly tenantId: string;
  readonly actor: string;
  /** What its devices were picked by, for people. */
  readonly what: string;
  /** Its devices get new SIP passwords before they are told. */
  readonly rotates: boolean;
  /** They are told to restart, and fetch because of that. */
  readonly reboots: boolean;
  /** Of a single device that an administrator named. */
  readonly mac: Mac | null;
  readonly state: SyncState;
  /** How many are told within any minute: in all, and behind one source address. */
  readonly perMinute: number;
  readonly perAddress: number;
  /** So many go first, and all of them must be back but `mostLost` before anybody else is told; 0: nobody goes first. */
  readonly canary: number;
  readonly mostLost: number;
  /** Milliseconds after which one that was told and is not back is lost: of those that go first, and of the others. */
  readonly canaryWithin: number;
  readonly backWithin: number;
  /** Those that went first are back. */
  readonly canaryPassedAt: Instant | null;
  readonly startedAt: Instant;
  readonly endedAt: Instant | null;
}

/** What is known of a device of a sync now. */
export interface SyncPhone {
  readonly isHandedOver: boolean;
  readonly lines: readonly {
    readonly id: string;
    readonly contact: string | null;
    readonly contactCertain: boolean;
  }[];
}

export interface SyncFacts {
  readonly sync: Sync;
  /** All of them, by position. */
  readonly items: readonly SyncItem[];
  /** Of those that wait or are under way; one that is missing has been removed. */
  readonly phones: ReadonlyMap<Mac, SyncPhone>;
  /** Where other syncs have told somebody within the last minute. */
  readonly toldElsewhere: readonly (string | null)[];
  /** Asterisks that cannot be asked, or that have not been looked through since they could not. */
  readonly silent: readonly AsteriskName[];
  /** Since when every registration has been heard of without a gap; `null` while an Asterisk is silent. */
  readonly heardSince: Instant | null;
  readonly now: Instant;
}

export interface SyncMove {
  readonly sync: Sync;
  /** Those that have changed. */
  readonly items: readonly SyncItem[];
  /** To be told after the transaction; the outcome of each is its next event. */
  readonly tell: readonly SyncItem[];
  readonly journal: readonly { readonly step: Step; readonly detail: Detail }[];
}

const MINUTE_MS = 60_000;

/**
 * What a sync does next: the only place that decides it. Pure; who calls reads, decides and writes in one transaction, and
 * tells those that are to be told after it. Whom it gives to be told is `told` from then on, so nobody is told twice.
 */
export function nextOf(facts: SyncFacts): SyncMove {
  const { now } = facts;
  const items = facts.items.map((item) => afterTime(facts, item));
  const before = { ...facts, items };
  const stopped = stoppedBy(before);
  if (stopped !== undefined) return moved(facts, stopped, items, [], 'sync_stopped');
  const sync = isCanaryBack(before) ? { ...facts.sync, canaryPassedAt: now } : facts.sync;
  const after = choose({ ...before, sync });
  const isOver = isOpen(sync) && after.every(({ state }) => isEnded(state));
  const ended: Sync = isOver ? { ...sync, state: 'done', endedAt: now } : sync;
  const tell = after.filter((item, at) => item.state === 'told' && items[at]?.state === 'waiting');
  return moved(facts, ended, after, tell, isOver ? 'sync_done' : null);
}

/** More may be told yet: it runs, or may be resumed without a word about those that went first. */
export function isOpen({ state }: Pick<Sync, 'state'>): boolean {
  return state === 'running' || state === 'paused';
}

/** One that is under way: what has become of it when nothing was heard of it for too long. */
function afterTime({ sync, phones, heardSince, now }: SyncFacts, item: SyncItem): SyncItem {
  if (item.state !== 'told' && item.state !== 'fetched') return item;
  const lines = phones.get(item.mac)?.lines ?? [];
  if (!lines.some(({ id }) => id === item.lineId)) return byItself(item, 'its line has ended', now);
  if (heardSince === null) return item;
  // While nobody heard of registrations it may have been back. The clock of an earlier process may have been ahead.
  const since = Math.max(heardSince, item.toldAt !== null && item.toldAt <= now ? item.toldAt : heardSince);
  if (now - since < (item.isCanary ? sync.canaryWithin : sync.backWithin)) return item;
  if (item.state === 'told' && !item.isSent) return byItself(item, 'nobody knows whether it was told', now);
  if (item.state === 'told' && item.registeredAt !== null) return byItself(item, NOT_FETCHED, now);
  return { ...item, state: 'lost', endedAt: now };
}

function isFirst({ sync }: SyncFacts): boolean {
  return sync.canary > 0 && sync.canaryPassedAt === null;
}

function stoppedBy(facts: SyncFacts): Sync | undefined {
  const { sync, items, now } = facts;
  const lost = items.filter(({ isCanary, state }) => isCanary && state === 'lost').length;
  if (!isOpen(sync) || !isFirst(facts) || lost <= sync.mostLost) return undefined;
  return { ...sync, state: 'stopped', endedAt: now };
}

function isCanaryBack(facts: SyncFacts): boolean {
  const canaries = facts.items.filter(({ isCanary }) => isCanary);
  return (
    isOpen(facts.sync) &&
    isFirst(facts) &&
    canaries.length >= facts.sync.canary &&
    canaries.every(({ state }) => isEnded(state))
  );
}

/** So many are left to themselves at one look: what is written at once keeps others from writing. */
const MOST_ALONE = 200;

/** All items; those whose turn it is are told, and those that cannot be are left to themselves. */
function choose(facts: SyncFacts): readonly SyncItem[] {
  const { sync, items, phones, toldElsewhere, silent, now } = facts;
  if (sync.state !== 'running') return items;
  let [room, alone] = [roomNow(facts), 0];
  const recent = items.filter((item) => isRecent(item, now)).map(({ address }) => address);
  const behind = new Map<string | null, number>();
  for (const address of [...recent, ...toldElsewhere]) behind.set(address, (behind.get(address) ?? 0) + 1);
  return items.map((item) => {
    if (item.state !== 'waiting' || room <= 0) return item;
    // What it fetches for that is not the new password, which comes after.
    if (sync.rotates && phones.get(item.mac)?.isHandedOver === true) return item;
    const place = placeOf(phones.get(item.mac));
    // What is not known of one may be known there, and who is there can be told when that can.
    if (silent.length > 0 && (typeof place === 'string' || silent.includes(place.asterisk))) return item;
    if (typeof place === 'string') return ++alone > MOST_ALONE ? item : byItself(item, place, now);
    const there = behind.get(place.address) ?? 0;
    if (there >= sync.perAddress) return item;
    behind.set(place.address, there + 1);
    room -= 1;
    const { lineId, address } = place;
    return { ...item, lineId, address, state: 'told', isCanary: isFirst(facts), toldAt: now };
  });
}

/** How many may be told now: evenly over the minute, and never more within one than is said. */
function roomNow(facts: SyncFacts): number {
  const { sync, items, now } = facts;
  const recent = items.filter((item) => isRecent(item, now));
  const last = Math.max(...recent.map(({ toldAt }) => toldAt ?? 0), Number.NEGATIVE_INFINITY);
  const atOnce = Math.ceil(sync.perMinute / 60);
  if (now - last < (atOnce * MINUTE_MS) / sync.perMinute) return 0;
  const canaries = items.filter(({ isCanary }) => isCanary).length;
  const first = isFirst(facts) ? sync.canary - canaries : Number.POSITIVE_INFINITY;
  return Math.min(atOnce, sync.perMinute - recent.length, first);
}

/** What is told in the future was told by a process with another clock. */
function isRecent({ toldAt }: SyncItem, now: Instant): boolean {
  return toldAt !== null && toldAt <= now && now - toldAt < MINUTE_MS;
}

interface Place {
  readonly asterisk: AsteriskName;
  readonly address: string;
  /** The line to be told by. */
  readonly lineId: string;
}

/** Where it can be told, or why it cannot. */
function placeOf(phone: SyncPhone | undefined): Place | string {
  if (phone === undefined) return 'it has been removed';
  if (phone.isHandedOver) return HANDED_OVER;
  const registered = phone.lines.filter(({ contact }) => contact !== null);
  const sure = registered.find(({ contactCertain }) => contactCertain);
  if (sure === undefined) return registered.length === 0 ? NOT_REGISTERED : DOUBTFUL;
  const contact = sure.contact ?? '';
  return { lineId: sure.id, asterisk: asteriskOf(contact), address: hostOf(contact) };
}

const HANDED_OVER = 'it is being handed over, and told by that';
const NOT_REGISTERED = 'it is not registered';
const DOUBTFUL = 'its registration may be another phone’s';

/** Why a device cannot be told now; `undefined` when it can. */
export function whyNotTold(phone: SyncPhone | undefined): string | undefined {
  const place = placeOf(phone);
  return typeof place === 'string' ? place : undefined;
}

/** Of lost devices so many are named in an event. */
const MOST_NAMED = 50;

function moved(
  { items: before }: SyncFacts,
  sync: Sync,
  after: readonly SyncItem[],
  tell: readonly SyncItem[],
  step: Step | null,
): SyncMove {
  const lost = after.filter(({ state }) => state === 'lost').map(({ mac }) => mac);
  const named = lost.length === 0 ? null : lost.slice(0, MOST_NAMED).join(' ');
  const detail = { sync: sync.id, ...countsOf(after), devices: named };
  return {
    sync,
    items: after.filter((item, at) => item !== before[at]),
    tell,
    journal: step === null ? [] : [{ step, detail }],
  };
}
