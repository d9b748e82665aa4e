import { isDefaultLine, usersHolding } from '../../src/domain/device.ts';
import { stateOf, type HandOver } from '../../src/domain/handOver.ts';
import { addressOf, type Phone } from './phones.ts';
import { Violation } from './story.ts';
import type { World } from './world.ts';

/** Holds after every step. Rejects with the `Violation` that was found. */
export async function check(world: World): Promise<void> {
  const violation = world.story.violation();
  if (violation !== undefined) throw violation;
  for (const mac of world.macs) await hasOneMeaning(world, mac);
  for (const phone of world.everybody) await isNotSilenced(world, phone);
}

/** A default line ends when it should, and not before. */
async function isNotSilenced({ store, oracle }: World, phone: Phone): Promise<void> {
  const device = await store.device(phone.mac);
  const lines = await store.lines(phone.mac);
  for (const account of phone.config?.accounts ?? []) {
    const { userId, authName, password } = account;
    if (userId !== null || oracle.isOver(account) || device === undefined) continue;
    const stands = lines.some((line) => line.authName === authName && line.secret.reveal() === password);
    const mayBeForgotten = !oracle.hasUsed(phone, account) && lines.length > 0;
    if (!stands && !mayBeForgotten)
      throw new Violation(`${phone.name} at ${addressOf(phone)} is silenced: nobody has taken or released its device`);
  }
}

/** A device is nobody's, with default lines only, or its users': one file, a line on each of its ports at most. */
async function hasOneMeaning({ store }: World, mac: string): Promise<void> {
  const device = await store.device(mac);
  const [lines, handOvers] = [await store.lines(mac), await store.handOversOf(mac)];
  const fail = (what: string): never => {
    throw new Violation(`device ${mac} ${what}`);
  };
  if (device === undefined) {
    if (lines.length > 0 || handOvers.length > 0) fail('is gone, its lines or its hand-overs are not');
    return;
  }
  if (lines.length === 0) fail('has no line');
  const its = usersHolding(lines)?.lines ?? [];
  if (its.length > 0 && its.length < lines.length) fail('has lines of two kinds');
  if (new Set(its.map(({ slot }) => slot)).size < its.length) fail('has two lines on a port');
  const users = lines.filter((line) => !isDefaultLine(line));
  const state = stateOf(lines, handOvers);
  if (users.length > 0 !== (state !== 'unassigned')) fail(`is ${state}, its lines say otherwise`);
  const underWay = handOvers.filter(({ kind, state: at }) => kind === 'assign' && at === 'open');
  if ((state === 'handing_over') !== underWay.length > 0) fail(`is ${state}, its hand-overs say otherwise`);
  for (const { slot, lineId } of underWay)
    if (!users.some((line) => line.slot === slot && line.id === lineId))
      fail('is handed over to a line that it does not have');
  if (handOvers.some((each) => each.state === 'open' && each.nextAttemptAt === null)) fail('is never looked at again');
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
    for (const phone of world.phones) await registerAll(world, phone);
    await quiet(world);
    await check(world);
    const due = (await Promise.all(world.macs.map((mac) => store.handOversOf(mac)))).flat();
    const farewells = (await store.dueFarewells(Infinity)).filter(({ notify }) => notify !== null);
    const next = [...due.flatMap((each) => each?.nextAttemptAt ?? []), ...farewells.map((each) => each.nextAttemptAt)];
    if (next.length === 0) break;
    world.pass(Math.max(1, Math.min(...next) - world.now()));
  }
  await gates.rest();
  for (const mac of world.macs) {
    if ((await store.handOversOf(mac)).some(({ state }) => state === 'open'))
      throw new Violation(`the hand-over of ${mac} never ends`);
  }
  // One look gives up on who was told; who could not be told may be then.
  for (let look = 0; look < 4 && (await store.syncsUnderWay()).length > 0; look++) {
    world.pass(A_SYNC_WAITS_MS);
    world.drive();
    await quiet(world);
  }
  const [sync] = await store.syncsUnderWay();
  if (sync !== undefined) throw new Violation(`sync ${sync.id} never ends`);
  for (const phone of world.oracle.toBeTold) {
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
  const { store, oracle } = world;
  const phones = [...new Set(oracle.rightful().map(({ phone }) => phone))];
  // Switched off and on.
  for (const phone of phones) world.fetch(phone);
  await quiet(world);
  for (const phone of phones) await registerAll(world, phone);
  await quiet(world);
  // Refreshes come one after the other, once in each order.
  for (const phone of [...phones, ...phones.toReversed()]) {
    world.pass(1000);
    await registerAll(world, phone);
    await quiet(world);
  }
  for (const { mac, userId, phone } of oracle.rightful()) {
    const account = phone.config?.accounts.find((each) => each.userId === userId);
    if (account === undefined || phone.config?.epoch !== oracle.epochOf(mac)) continue;
    const handOver = await store.handOver(mac, account.slot);
    if (handOver?.state !== 'done') await tellApartOrExplain(world, mac, handOver);
  }
  for (const { endpoint } of world.users) {
    const isHere = (await store.linesOfEndpoint(endpoint)).some(({ contact }) => contact !== null);
    if (isHere && !world.registrar.announced.has(endpoint)) {
      throw new Violation(`a phone of ${endpoint} is back, and lamps and queues do not know it`);
    }
  }
}

/**
 * Two phones of one user that look alike, or one that had the user's line until a moment ago, cannot be told apart: then the
 * hand-over has a name.
 */
async function tellApartOrExplain({ store }: World, mac: string, handOver: HandOver | undefined): Promise<void> {
  const aor = handOver?.aor ?? '';
  const all = [...(await store.linesOfEndpoint(aor)), ...(await store.farewells(aor))];
  const hasOthers = all.some((each) => each.mac !== mac);
  if (handOver?.state === 'failed' && hasOthers && handOver.failure === 'not_registered') return;
  throw new Violation(`the phone ${mac} is back, and its hand-over is ${handOver?.state} (${handOver?.failure})`);
}

async function registerAll(world: World, phone: Phone): Promise<void> {
  for (const account of phone.config?.accounts ?? []) await world.register(phone, account);
}

/** Everything that waits goes on, in any order, until nothing waits. */
export async function quiet({ gates, chance }: World): Promise<void> {
  await gates.rest();
  for (let waiting = gates.waiting(); waiting.length > 0; waiting = gates.waiting()) {
    await gates.release(chance.below(waiting.length));
  }
}
