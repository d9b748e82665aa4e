import { isDefaultLine } from '../../src/domain/device.ts';
import { stateOf } from '../../src/domain/handOver.ts';
import { addressOf } from './phones.ts';
import { Violation, type World } from './world.ts';

/** Holds after every step. Rejects with the `Violation` that was found. */
export async function check(world: World): Promise<void> {
  if (world.violation !== undefined) throw world.violation;
  for (const mac of world.macs) await hasOneMeaning(world, mac);
  for (const phone of [...world.phones, ...world.strangers]) {
    const { config, mac } = phone;
    if (config === null || config.isUsers || config.epoch !== world.epochOf(mac)) continue;
    const device = await world.store.device(mac);
    const lines = await world.store.lines(mac);
    const stands = lines.some(
      ({ authName, secret }) => authName === config.authName && secret.reveal() === config.password,
    );
    const mayBeForgotten = !world.hasUsed(phone) && lines.length > 0;
    if (device !== undefined && !stands && !mayBeForgotten) {
      throw new Violation(`${phone.name} at ${addressOf(phone)} is silenced: nobody has taken or released its device`);
    }
  }
}

/** A device is nobody's, with default lines only, or one user's. */
async function hasOneMeaning({ store }: World, mac: string): Promise<void> {
  const device = await store.device(mac);
  const [lines, handOver] = [await store.lines(mac), await store.handOver(mac, 1)];
  const fail = (what: string): never => {
    throw new Violation(`device ${mac} ${what}`);
  };
  if (device === undefined) {
    if (lines.length > 0 || handOver !== undefined) fail('is gone, its lines or its hand-over are not');
    return;
  }
  const users = lines.filter((line) => !isDefaultLine(line));
  const state = stateOf(lines, await store.handOversOf(mac));
  if (users.length > 1 || (users.length === 1 && lines.length > 1)) fail('has lines of two kinds');
  if (lines.length === 0) fail('has no line');
  if ((users.length === 1) !== (state !== 'unassigned')) fail(`is ${state}, its line says otherwise`);
  const isUnderWay = handOver?.kind === 'assign' && handOver.state === 'open';
  if ((state === 'handing_over') !== isUnderWay) fail(`is ${state}, its hand-over says otherwise`);
  if (isUnderWay && handOver.lineId !== users[0]?.id) fail('is handed over to a line that it does not have');
  if (handOver?.state === 'open' && handOver.nextAttemptAt === null) fail('is never looked at again');
}

/** As long as a sync waits for a phone, at most. */
const A_SYNC_WAITS_MS = 10 * 60_000;

/**
 * Enough time, and phones that behave: every hand-over ends, and the phone of every user is back. Until then Asterisk is
 * up and nobody does anything else.
 */
export async function comesToRest(world: World): Promise<void> {
  const { gates, store } = world;
  world.asteriskIsBack();
  await quiet(world);
  for (const phone of world.phones) phone.obeys = true;
  for (let round = 0; round < 14; round++) {
    world.drive();
    await quiet(world);
    for (const phone of world.phones) await world.register(phone);
    await quiet(world);
    await check(world);
    const due = await Promise.all(world.macs.map((mac) => store.handOver(mac, 1)));
    const farewells = (await store.dueFarewells(Infinity)).filter(({ notify }) => notify !== null);
    const next = [...due.flatMap((each) => each?.nextAttemptAt ?? []), ...farewells.map((each) => each.nextAttemptAt)];
    if (next.length === 0) break;
    world.pass(Math.max(1, Math.min(...next) - world.now()));
  }
  await gates.rest();
  for (const mac of world.macs) {
    const handOver = await store.handOver(mac, 1);
    if (handOver?.state === 'open') throw new Violation(`the hand-over of ${mac} never ends`);
  }
  // One look gives up on who was told; who could not be told may be then.
  for (let look = 0; look < 4 && (await store.syncsUnderWay()).length > 0; look++) {
    world.pass(A_SYNC_WAITS_MS);
    world.drive();
    await quiet(world);
  }
  const [sync] = await store.syncsUnderWay();
  if (sync !== undefined) throw new Violation(`sync ${sync.id} never ends`);
  for (const phone of world.toBeTold) {
    throw new Violation(`${phone.name} was released while it was being handed over, and nobody tells it`);
  }
  await everyUsersPhoneIsBack(world);
  // What somebody has read once is tried again in the end.
  for (const stranger of world.strangers) {
    for (const token of stranger.read) world.fetch(stranger, { token, breaks: true });
  }
  await quiet(world);
  await check(world);
}

async function everyUsersPhoneIsBack(world: World): Promise<void> {
  const { store, rightful } = world;
  // Switched off and on.
  for (const phone of rightful.values()) world.fetch(phone);
  await quiet(world);
  for (const phone of rightful.values()) await world.register(phone);
  await quiet(world);
  // Refreshes come one after the other, once in each order.
  const all = [...rightful.values()];
  for (const phone of [...all, ...all.toReversed()]) {
    world.pass(1000);
    await world.register(phone);
    await quiet(world);
  }
  for (const [mac, phone] of rightful) {
    const handOver = await store.handOver(mac, 1);
    const knowsItself = phone.config?.isUsers === true && phone.config.epoch === world.epochOf(mac);
    if (!knowsItself) continue;
    if (handOver?.state !== 'done') await tellApartOrExplain(world, mac);
  }
  for (const { extension } of world.users) {
    const isHere = (await store.linesOfEndpoint(extension)).some(({ contact }) => contact !== null);
    if (isHere && !world.registrar.announced.has(extension)) {
      throw new Violation(`a phone of ${extension} is back, and lamps and queues do not know it`);
    }
  }
}

/** Two phones of one user that look alike cannot be told apart: then the hand-over has a name. */
async function tellApartOrExplain({ store }: World, mac: string): Promise<void> {
  const handOver = await store.handOver(mac, 1);
  const [line] = await store.lines(mac);
  const others =
    line === undefined ? [] : (await store.linesOfEndpoint(line.endpoint)).filter((each) => each.mac !== mac);
  if (handOver?.state === 'failed' && others.length > 0 && handOver.failure === 'not_registered') return;
  throw new Violation(`the phone ${mac} is back, and its hand-over is ${handOver?.state} (${handOver?.failure})`);
}

/** Everything that waits goes on, in any order, until nothing waits. */
export async function quiet({ gates, chance }: World): Promise<void> {
  await gates.rest();
  for (let waiting = gates.waiting(); waiting.length > 0; waiting = gates.waiting()) {
    await gates.release(chance.below(waiting.length));
  }
}
