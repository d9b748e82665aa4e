import type { Line } from '../../domain/device.ts';
import { isRefusal } from '../../domain/errors.ts';
import type { Mac } from '../../domain/mac.ts';
import { nextOf, type SyncFacts, type SyncMove } from '../../domain/sync.ts';
import { byItself, itemAfter, type SyncItem, type SyncItemEvent } from '../../domain/syncItem.ts';
import type { Store } from '../../domain/ports.ts';
import type { Instant } from '../../domain/time.ts';
import type { Ports } from '../ports.ts';
import { claimed, type IsStillMine } from '../claimed.ts';
import type { DriveNeeds } from '../handOver/driveHandOvers.ts';
import { noteRegistrations } from '../handOver/noteRegistrations.ts';
import { tellPhone } from '../handOver/tellPhone.ts';
import { catchUp, writeDown } from '../writeDown.ts';
import { putItem } from './noteInSyncs.ts';
import { rotateLines } from './rotateLines.ts';

const MINUTE_MS = 60_000;

type SyncNeeds = DriveNeeds & Pick<Ports, 'secrets'>;
type Driver = SyncNeeds & IsStillMine;
type Heard = Pick<SyncFacts, 'silent' | 'heardSince'>;

/**
 * Makes what looks once at every sync that is under way, and tells the devices whose turn it is. All that it needs is in the
 * database, but since when this process has heard of registrations without a gap, and what it could not write down while the
 * database was away. One sync in trouble does not hold up the others: its error goes to `onError`.
 */
export function syncDriver(ports: SyncNeeds, onError: (error: unknown) => void): () => Promise<void> {
  let heardSince: Instant | null = null;
  return async () => {
    const silent = ports.registrar.asterisks.filter((name) => !ports.knowsAll(name));
    heardSince = silent.length === 0 ? (heardSince ?? ports.now()) : null;
    const heard = { silent, heardSince };
    const ids = (await ports.store.syncsUnderWay()).map(({ id }) => String(id));
    await catchUp(ports.store, onError);
    await claimed(ports.store, 'sync', ids, async (mine, isStillMine) => {
      for (const id of mine) await proceed({ ...ports, isStillMine }, Number(id), heard).catch(onError);
    });
  };
}

async function proceed(ports: Driver, id: number, heard: Heard): Promise<void> {
  let tell: readonly SyncItem[] = [];
  let reboots = false;
  try {
    await ports.store.transaction(async (store) => {
      const facts = await factsOf(store, id, heard, ports.now());
      if (facts === undefined) return;
      const next = nextOf(facts);
      const move = facts.sync.rotates ? await withNewPasswords(ports, store, facts, next) : next;
      for (const item of move.items) await putItem(store, item);
      if (move.sync !== facts.sync) await store.updateSync(id, move.sync);
      const { tenantId, mac } = facts.sync;
      for (const { step, detail } of move.journal) await store.addEvent({ step, tenantId, mac, detail });
      tell = move.tell;
      ({ reboots } = facts.sync);
    });
  } catch (error) {
    // It may be committed all the same: then these are not told, and wait.
    for (const item of tell) await writeDown(ports.store, () => outcome(ports, item, { kind: 'unreachable' }));
    throw error;
  }
  await Promise.all(tell.map((item) => tellItem(ports, item, reboots)));
}

/** The same move: who does not wait any more has new passwords, told or not; who cannot have any is not told. */
async function withNewPasswords(
  ports: Driver,
  store: Store,
  { items: before, sync, phones, now }: SyncFacts,
  move: SyncMove,
): Promise<SyncMove> {
  const waited = new Set(before.filter(({ state }) => state === 'waiting').map(({ mac }) => mac));
  const kept = new Map<Mac, string>();
  for (const { mac } of move.items.filter((item) => waited.has(item.mac) && phones.has(item.mac))) {
    const why = await rotateLines(store, ports, mac, sync.actor);
    if (why !== undefined) kept.set(mac, why);
  }
  const items = move.items.map((item) => {
    const why = kept.get(item.mac);
    return why === undefined ? item : { ...byItself(item, why, now), toldAt: null };
  });
  return { ...move, items, tell: move.tell.filter(({ mac }) => !kept.has(mac)) };
}

async function factsOf(store: Store, id: number, heard: Heard, now: Instant): Promise<SyncFacts | undefined> {
  const sync = await store.sync(id);
  if (sync === undefined) return undefined;
  return {
    sync,
    items: await store.syncItems(id),
    phones: await store.syncPhones(id),
    toldElsewhere: await store.toldByOthers(id, { after: now - MINUTE_MS, until: now }),
    ...heard,
    now,
  };
}

/** What stands in the database when the process dies over this: it is told, and nobody knows whether it was. */
async function tellItem(ports: Driver, item: SyncItem, reboots: boolean): Promise<void> {
  const { mac, syncId } = item;
  const { told, about } = await attempt(ports, item, reboots);
  await writeDown(ports.store, () =>
    outcome(ports, item, told, async (inside) => {
      if (about === undefined) return;
      if (told.kind === 'sent') await inside.addEvent({ step: 'notified', mac, ...about, detail: { sync: syncId } });
      if (told.kind !== 'not_sent') return;
      await inside.addEvent({ step: 'not_notified', mac, ...about, detail: { sync: syncId, why: told.why } });
    }),
  );
}

interface Attempt {
  readonly told: SyncItemEvent & { readonly kind: 'sent' | 'unreachable' | 'not_sent' };
  /** Whom the event is about; missing where nobody was asked. */
  readonly about?: { readonly tenantId: string; readonly userId: string | null };
}

async function attempt(ports: Driver, { mac, lineId }: SyncItem, reboots: boolean): Promise<Attempt> {
  const { store, now } = ports;
  try {
    const [device, line] = [await store.device(mac), await store.line(lineId ?? '')];
    if (device === undefined || line === undefined) return { told: NOT_THERE };
    const contact = await contactNow(ports, line);
    if (contact === null) return { told: NOT_THERE };
    const { family, tenantId } = device;
    const phone = { mac, family, contact, accounts: [line.endpoint], since: now() };
    const told = await tellPhone(ports, phone, reboots ? 'reboot' : 'fetch');
    return { told, about: { tenantId, userId: line.userId } };
  } catch (error) {
    // Neither Asterisk nor the database is there: it has not been told.
    if (isRefusal(error, 'unavailable')) return { told: { kind: 'unreachable' } };
    throw error;
  }
}

const NOT_THERE = { kind: 'not_sent', why: 'it is not registered any more' } as const;

/**
 * Where a line is registered now, if that is certainly its own, else `null`. What the registration is like is written down with
 * the device that waits to be told: a later one is another.
 */
async function contactNow(ports: DriveNeeds, { id, endpoint }: Line): Promise<string | null> {
  const there = await noteRegistrations(ports, endpoint);
  const line = await ports.store.line(id);
  if (line?.contact == null || !line.contactCertain) return null;
  return [...there.keys()].some(({ uri }) => uri === line.contact) ? line.contact : null;
}

async function outcome(
  { store, now }: DriveNeeds,
  { syncId, mac, toldAt }: SyncItem,
  event: SyncItemEvent,
  alsoWrite: (inside: Store) => Promise<void> = async () => undefined,
): Promise<void> {
  await store.transaction(async (inside) => {
    const item = await inside.syncItem(syncId, mac);
    if (item === undefined || item.toldAt !== toldAt) return;
    await putItem(inside, itemAfter(item, event, now()));
    await alsoWrite(inside);
  });
}
