import { expect } from 'chai';
import { EventEmitter, once } from 'node:events';
import { Secret } from '../../../src/domain/secret.ts';
import type { Change, Snapshots } from '../../../src/domain/snapshot.ts';
import { orNotFound } from '../../../src/domain/orNotFound.ts';
import type { Families } from '../../../src/phones/family/family.ts';
import { createLog } from '../../../src/log.ts';
import { fastPath } from '../../../src/provisioning/fast/fastPath.ts';
import { answerRequest, type AnswerNeeds } from '../../../src/provisioning/files/answerRequest.ts';
import type { FileRequest } from '../../../src/provisioning/files/serveFile.ts';
import { recognise } from '../../../src/phones/recognise/recognise.ts';
import { CHANNEL } from '../../../src/store/postgres/listenPostgres.ts';
import { changesMessage } from '../../../src/store/changes.ts';
import { answerNeeds } from '../answerNeeds.ts';
import { aUser } from '../aUser.ts';
import { openTestCore, type TestCore } from '../core.ts';
import { NEW_SECRET, startOtherProcess, type OtherProcess } from '../otherProcess.ts';
import { shippedFamilies } from '../phoneFacts.ts';
import { seeded } from '../random.ts';
import { samples } from '../samples.ts';
import { ON_POSTGRES } from '../testDatabase.ts';

import { ADDRESSES, deedsIn, handOver, type Deed, type Scene } from './deeds.ts';

const USERS = 5;
/** A story has the phones of one family in so many: those who follow each other have all. */
const SHARE = 3;
/** How long a story is: over PostgreSQL each step takes three times as long. */
export const STEPS = ON_POSTGRES ? 400 : 700;
/** What may go wrong with what is kept. */
export type Plant =
  | 'own writes are not heard of'
  | 'others’ writes are not heard of'
  | 'writes of a line are not heard of'
  | 'files outlive their snapshot';

interface Phone {
  readonly mac: string;
  readonly family: string;
  readonly userAgent: string | null;
}

/** The first answer that was not what the slow way gives, in words; how many were given at once and have been compared. */
export interface Told {
  readonly difference: string | undefined;
  readonly quick: number;
  readonly quickFamilies: number;
  /** Of them, files with a user's line. */
  readonly ofUsers: number;
}

/** Changes what files rest on, in this process and in another one, and compares each answer that is given at once with the slow one. */
export async function story(seed: number, plant?: Plant): Promise<Told> {
  const core = await openTestCore();
  const other = await startOtherProcess(core.environment);
  const ear = await listenTo(core);
  try {
    return await tell(core, other, ear.catchUp, seed, plant);
  } finally {
    await ear.close();
    await other.close();
    await core.close();
  }
}

/** Over SQLite whoever asks looks for what others have written; over PostgreSQL it is heard, a moment after it is written. */
async function listenTo(core: TestCore): Promise<{ catchUp(): Promise<void>; close(): Promise<void> }> {
  if (!ON_POSTGRES) return { catchUp: () => Promise.resolve(), close: () => Promise.resolve() };
  const ear = new EventEmitter();
  const found = once(ear, 'due');
  const listening = core.listen(() => ear.emit('due'), createLog('silent'));
  const connection = core.connect();
  core.snapshots.subscribe((change) => {
    if (change !== 'all' && 'mac' in change) ear.emit(change.mac);
  });
  await found;
  let count = 0;
  return {
    /** What was committed before is heard before. */
    async catchUp() {
      const mac = `${count++}`;
      const heard = once(ear, mac);
      await connection.raw('SELECT pg_notify(?, ?)', [CHANNEL, changesMessage('nobody', [{ mac }])]);
      await heard;
    },
    async close() {
      await listening.close();
      await connection.destroy();
    },
  };
}

async function tell(
  core: TestCore,
  other: OtherProcess,
  catchUp: () => Promise<void>,
  seed: number,
  plant?: Plant,
): Promise<Told> {
  const random = seeded(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const pick = <T>(all: readonly T[]): T => orNotFound(all[below(all.length)], 'choice');
  const loaded = [shippedFamilies(), { ...shippedFamilies(), timeZones: new Map() } as Families];
  let families = shippedFamilies();
  const needs: AnswerNeeds = { ...answerNeeds(core), families: () => families };
  const snapshots = orNotFound(core.snapshots, 'snapshots');
  const fast = fastPath({ ...needs, snapshots: planted(snapshots, plant), failed: fail, lookEvery: 0 });
  const phones = phonesOf(families).filter((_, at) => at % SHARE === seed % SHARE);
  const users = await Promise.all(
    Array.from({ length: USERS }, (_, at) => core.store.addUser(aUser(String(1500 + at), `User ${at}`))),
  );
  const profiles = await profilesIn(core);
  const tokens = new Map<string, Secret[]>();
  const byFamily = new Set<string>();
  let [quick, ofUsers] = [0, 0];

  async function tokenFor(mac: string): Promise<Secret | null> {
    const known = tokens.get(mac) ?? [];
    const now = (await core.store.lines(mac)).map(({ token }) => token);
    tokens.set(mac, [...known, ...now].slice(-6));
    if (random() < 0.3 || now.length === 0) return null;
    return random() < 0.7 ? pick(now) : pick([...known, ...now]);
  }

  async function request(): Promise<FileRequest> {
    const { mac, family, userAgent } = pick(phones);
    const file = pick([...(families.byId.get(family)?.files.keys() ?? [])]);
    const path = `/${file
      .replace('{mac}', mac)
      .replace('{MAC}', mac.toUpperCase())
      .replace(/\{\w+\}/, pick(['028', 'T46S', '370']))}`;
    const transport = random() < 0.25 ? 'tftp' : 'http';
    return {
      ...{ path, door: path, host: pick(['a.example.net', 'b.example.net']), transport },
      userAgent: transport === 'tftp' || random() < 0.15 ? null : userAgent,
      method: random() < 0.1 && transport === 'http' ? 'HEAD' : 'GET',
      claim: { token: await tokenFor(mac), address: pick(ADDRESSES) },
    };
  }

  async function compare(asked: FileRequest): Promise<string | undefined> {
    const ready = fast.answer(asked) ?? (await fast.answerSoon(asked));
    if (ready === undefined) {
      await fast.settled(asked);
      const answer = await answerRequest({ ...needs, store: fast.atHand(needs.store), fill: fast.fill }, asked);
      const delivered = answer?.kind === 'rendered' ? answer.delivered : undefined;
      if (asked.method === 'GET' && random() < 0.8) await delivered?.();
      return undefined;
    }
    quick += 1;
    byFamily.add(ready.family ?? '');
    if (/\b150\d\b/.test(ready.body.toString())) ofUsers += 1;
    const before = await history(core);
    const slow = await answerRequest(needs, asked);
    if (slow?.kind !== 'rendered') return `${asked.path} is answered though it must not be`;
    if (asked.transport === 'http' && asked.method === 'GET') await slow.delivered?.();
    if (JSON.stringify(await history(core)) !== JSON.stringify(before))
      return `${asked.path}: something followed from it`;
    const said = ({ mac, family, contentType, body, private: isPrivate }: Omit<typeof ready, 'tag'>): string =>
      JSON.stringify([mac, family, contentType, isPrivate, body.toString('latin1')]);
    return said(ready) === said(slow) ? undefined : `${asked.path} (${asked.userAgent}) is not the same`;
  }

  /** By this process, or by the other one. */
  async function write(method: string, ...given: readonly unknown[]): Promise<void> {
    if (random() < 0.4) {
      await other.write(method, ...given);
      return catchUp();
    }
    const methods = core.store as unknown as Readonly<Record<string, (...all: unknown[]) => Promise<unknown>>>;
    await methods[method]?.(...given.map((each) => withSecrets(each, core)));
  }

  const mac = (): string => pick(phones).mac;
  const scene: Scene = {
    ...{ core, users, profiles, macs: phones.map((phone) => phone.mac), random, pick, below, write },
    one: () =>
      (random() < 0.7 ? phones.find((phone) => asked.path.toLowerCase().includes(phone.mac)) : undefined)?.mac ?? mac(),
  };
  let asked = await request();
  const deeds: readonly Deed[] = [
    ...deedsIn(scene),
    () => {
      families = pick(loaded);
    },
    async () => {
      // What is not committed is not there, and what was undone never was.
      const asked = await request();
      const before = fast.answer(asked)?.body.toString('latin1');
      const undone = core.store.transaction(async (store) => {
        await store.updateUser(pick(users).id, { name: 'Nobody' });
        await store.updateTenant('default', { extension: '*99' });
        if (before !== undefined) expect(fast.answer(asked)?.body.toString('latin1')).to.equal(before);
        throw new Error('undone');
      });
      await undone.catch((error: unknown) => {
        if (!(error instanceof Error) || error.message !== 'undone') throw error;
      });
    },
  ];

  let difference: string | undefined;
  for (let step = 0; step < STEPS && difference === undefined; step++) {
    if (random() < 0.06) await handOver(scene);
    if (random() < 0.35) {
      // Who has just asked is at hand, and mostly whom it happens to.
      for (let warm = 0; warm < 3; warm++) difference ??= await compare(asked);
      await Promise.resolve(pick(deeds)()).catch(unlessRefused);
    } else if (random() < 0.6) asked = await request();
    difference ??= await compare(asked);
  }
  await fast.close();
  return { difference, quick, quickFamilies: byFamily.size, ofUsers };
}

/** Of two tenants, one of which has a profile and templates of its name; three profiles of the other. */
async function profilesIn({ store }: TestCore): Promise<readonly string[]> {
  const own = { defaultProfileId: 'second', defaultDeviceTemplateId: 'second', defaultLineTemplateId: 'second' };
  const tenant = orNotFound(await store.tenant('default'), 'tenant');
  await store.addTenant({ ...tenant, id: 'second', name: 'Second', ...own });
  const { id: _, ...like } = orNotFound(await store.profile('default'), 'profile');
  const same = await store.addProfile({ ...like, name: 'Same' });
  const other = await store.addProfile({ ...like, name: 'Other', deviceTemplateId: 'second' });
  return ['default', same.id, other.id];
}

/** Whom it would have happened to has gone meanwhile, or it is not possible now: the other process says so in words. */
function unlessRefused(error: unknown): void {
  if (!/\b(?:SelfprovError|DatabaseError)\b/.test(`${(error as Error).constructor.name} ${String(error)}`)) throw error;
}

/** One for each family that has files, known by a request that was seen; one that says nothing where none was. */
function phonesOf(families: Families): readonly Phone[] {
  return families.all
    .filter(({ files }) => files.size > 0)
    .map(({ id }, at) => {
      const sample = samples.find(({ user_agent: userAgent }) => {
        const asked = { path: null, userAgent, method: 'GET', transport: 'http' } as const;
        return userAgent !== null && recognise(families, asked).family === id;
      });
      const mac = `00a859${(at + 16).toString(16).padStart(6, '0')}`;
      // Some say their MAC in it.
      const said = sample?.user_agent?.replace(/[0-9a-f]{2}([:-]?)(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}/i, mac);
      return { mac, family: id, userAgent: said ?? null };
    });
}

async function history({ store }: TestCore): Promise<unknown> {
  return (await store.events({ limit: 1_000_000 })).length;
}

function withSecrets(value: unknown, { secrets }: TestCore): unknown {
  if (value === NEW_SECRET) return secrets.token();
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, withSecrets(each, { secrets } as TestCore)]),
  );
}

function planted(snapshots: Snapshots, plant: Plant | undefined): Snapshots {
  if (plant === 'own writes are not heard of')
    return {
      ...snapshots,
      subscribe: (hear) => snapshots.subscribe((change) => (change === 'all' ? hear(change) : undefined)),
    };
  if (plant === 'writes of a line are not heard of')
    return {
      ...snapshots,
      subscribe: (hear) =>
        snapshots.subscribe((change) => (change === 'all' || 'mac' in change ? hear(change) : undefined)),
    };
  if (plant === 'others’ writes are not heard of') return { ...snapshots, look: () => undefined };
  if (plant !== 'files outlive their snapshot') return snapshots;
  // A change of one device is heard of when the next one changes.
  let late: Change | undefined;
  return {
    ...snapshots,
    subscribe: (hear) =>
      snapshots.subscribe((change) => {
        if (late !== undefined) hear(late);
        late = change;
      }),
  };
}

function fail(error: unknown): never {
  throw error;
}
