import type { Store } from '../../src/domain/ports.ts';
import type { TestCore } from '../support/core.ts';
import { endCast } from './cast.ts';
import { chanceOf } from './gates.ts';
import { check, comesToRest } from './invariants.ts';
import { restart, type Phone } from './phones.ts';
import { Violation } from './story.ts';
import { makeWorld, type World } from './world.ts';

const STEPS = 60;

/** What may begin at any moment; a name as often as it is likely. */
const BEGINNINGS: readonly ((world: World) => unknown)[] = [
  ...times(6, (world) => world.fetch(someone(world))),
  ...times(6, (world) => world.register(someone(world))),
  ...times(3, (world) => startUp(world, someone(world))),
  ...times(2, (world) => startsTwice(world, someone(world))),
  ...times(5, (world) => world.dialSetUp(someone(world), world.chance.pick(world.users))),
  ...times(1, (world) => world.dialRelease(someone(world))),
  ...times(1, (world) => world.logIn(someone(world), world.chance.pick(world.users))),
  ...times(1, (world) => world.give(world.chance.pick(world.macs), world.chance.pick(world.users))),
  ...times(1, (world) => world.blockOrUnblock(world.chance.pick(world.macs))),
  ...times(1, (world) => world.move(world.chance.pick(world.macs))),
  ...times(2, (world) => void (someone(world).obeys = world.chance.next() < 0.6)),
  ...times(1, (world) => forget(world, someone(world))),
  ...times(1, (world) => routerRestarts(world)),
  ...times(3, (world) => strangerAsks(world)),
  ...times(2, (world) => world.register(world.chance.pick(world.strangers))),
  ...times(2, (world) => tokenLeaks(world)),
  ...times(2, (world) => world.release(world.chance.pick(world.macs))),
  ...times(1, (world) => world.remove(world.chance.pick(world.macs))),
  ...times(4, (world) => world.drive()),
  ...times(1, (world) => world.compare()),
  ...times(1, (world) => world.sync(world.chance.next() < 0.5 ? null : world.chance.pick(world.macs))),
  ...times(1, (world) => world.rotate(world.chance.next() < 0.3 ? null : world.chance.pick(world.macs))),
  ...times(1, (world) => asteriskComesOrGoes(world)),
  ...times(1, (world) => world.written().then(() => world.crash())),
  ...times(5, (world) => timePasses(world)),
  ...times(1, (world) => world.userGoes()),
  ...times(1, (world) => world.userComes()),
  ...times(1, (world) => world.ariComesOrGoes()),
  ...times(1, (world) => world.forget()),
  ...times(1, (world) => world.unregister(someone(world))),
  ...times(1, (world) => world.newUrl(world.chance.pick(world.macs))),
  ...times(2, (world) => world.fetch(someone(world), { tftp: true })),
];

/** One random story, with a process of selfprov on each of these stores; rejects with the first `Violation`, and how it came about. The same seed gives the same story. */
export async function explore(
  core: TestCore,
  stores: readonly Store[],
  listen: (world: World) => void,
  seed: number,
): Promise<void> {
  const world = await makeWorld(core, stores, chanceOf(seed));
  listen(world);
  try {
    world.compare();
    for (const phone of world.phones) {
      world.fetch(phone);
      await drain(world);
      for (const account of phone.config?.accounts ?? []) await world.register(phone, account);
    }
    if (world.chance.next() < 0.5) await setUpOne(world);
    const isAdapters = world.macs.some((mac) => world.portsOf(mac) > 1);
    for (let step = 0; step < (isAdapters ? 2 * STEPS : STEPS); step++) {
      await oneStep(world);
      await check(world);
    }
    await comesToRest(world);
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    throw new Error(`seed ${seed}: ${error.message}\n  ${world.story.lines.join('\n  ')}`, { cause: error });
  } finally {
    world.gates.crash();
    await endCast(core, world);
  }
}

async function oneStep(world: World): Promise<void> {
  const { gates, chance } = world;
  const waiting = gates.waiting();
  if (waiting.length > 0 && chance.next() < 0.75) return gates.release(chance.below(waiting.length));
  await chance.pick(BEGINNINGS)(world);
  await gates.rest();
}

async function drain({ gates }: World): Promise<void> {
  await gates.rest();
  while (gates.waiting().length > 0) await gates.release(0);
}

/** Somebody has been here before: a phone is a user's. */
async function setUpOne(world: World): Promise<void> {
  const phone = someone(world);
  world.dialSetUp(phone, world.chance.pick(world.users));
  await drain(world);
  world.fetch(phone);
  await drain(world);
  for (const account of phone.config?.accounts ?? []) await world.register(phone, account);
  await drain(world);
}

function times(count: number, begin: (world: World) => unknown): readonly ((world: World) => unknown)[] {
  return Array.from({ length: count }, () => begin);
}

function someone({ chance, phones }: World): Phone {
  return chance.pick(phones);
}

function startUp(world: World, phone: Phone): void {
  restart(phone, world.chance);
  world.story.note(`${phone.name} restarts`);
  world.fetch(phone);
}

/** It loads new firmware, for example, and starts once more; that takes its time. */
async function startsTwice(world: World, phone: Phone): Promise<void> {
  for (let start = 0; start < 2; start++) {
    startUp(world, phone);
    await drain(world);
    world.pass(31_000);
  }
  world.drive();
}

function forget(world: World, phone: Phone): void {
  phone.config = null;
  restart(phone, world.chance);
  // It comes back by itself, perhaps from another port.
  world.oracle.toBeTold.delete(phone);
  world.story.note(`${phone.name} is reset`);
}

/** Every phone behind it comes from another port, perhaps from one that another had. */
function routerRestarts({ chance, phones, oracle, story }: World): void {
  // It takes its time: no call outlives it, and what had begun is over.
  if (phones.some(({ inCall }) => inCall.size > 0)) return;
  const behind = phones.filter(({ site }) => site.isPublic);
  const ports = chance.shuffled(behind.map(({ port }) => port + (chance.next() < 0.5 ? 100 : 0)));
  behind.forEach((phone, at) => (phone.port = ports[at] ?? phone.port));
  // Until they register anew, nobody can reach them.
  for (const phone of behind) oracle.toBeTold.delete(phone);
  story.note('the router restarts');
}

function strangerAsks(world: World): void {
  const { chance, strangers } = world;
  const stranger = chance.pick(strangers);
  const how = chance.below(4);
  if (how === 0) return world.fetch(stranger, { method: 'HEAD', token: null });
  if (how === 1) return world.fetch(stranger, { tftp: true, token: null, breaks: true });
  world.fetch(stranger, { token: how === 2 ? null : (stranger.config?.token ?? null) });
}

/** A stranger has read a token somewhere. */
function tokenLeaks({ chance, phones, strangers, story }: World): void {
  const [from, to] = [chance.pick(phones), chance.pick(strangers)];
  if (from.config === null || from.mac !== to.mac) return;
  const { token } = from.config;
  to.read.push(token);
  to.config = to.config === null ? null : { ...to.config, token };
  story.note(`${to.name} has read a token of ${from.name}`);
}

async function asteriskComesOrGoes(world: World): Promise<void> {
  await world.written();
  if (world.registrar.isDown) world.asteriskIsBack();
  else world.asteriskDies();
}

async function timePasses({ chance, pass, story, written }: World): Promise<void> {
  await written();
  const ms = chance.pick([1000, 5000, 15_000, 30_000, 45_000, 61_000, 300_000, 4_000_000]);
  pass(ms);
  story.note(`${ms / 1000} s pass`);
}
