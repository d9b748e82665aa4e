import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import type { Core } from '../../src/administration/core.ts';
import { giveDevice } from '../../src/administration/whoseDevice.ts';
import { openCore } from '../../src/core.ts';
import { isRefusal } from '../../src/domain/errors.ts';
import { aUser } from '../support/aUser.ts';
import { bootSilentPhone, inTurn, type Answer, type SilentPhone } from '../support/silentPhone.ts';
import { startSite, type Site } from '../support/site.ts';
import { tcpRelay, type TcpRelay } from '../support/tcpRelay.ts';
import { postgres } from '../support/testDatabase.ts';
import { waitFor } from '../support/wait.ts';

/** Seconds for which packets to and from PostgreSQL vanish. */
const CUT = Number(process.env['SELFPROV_TEST_CUT'] ?? 15);
const FIRST = 20_000;
const ROLLED_OUT = 16;
const HANDED_OVER = 4;
const OTHERS = 4;
/** A phone waits so long for a file, most of them longer, in milliseconds. */
const FILE_LIMIT = 5000;
/** It sends a REGISTER again and again for 32 s. */
const REGISTER_LIMIT = 10_000;

/**
 * Two processes and two Asterisks; an administrator's change is told to many phones and some get their users, while PostgreSQL is
 * restarted first and then cut off.
 */
describe('A roll-out while PostgreSQL is away', function () {
  this.timeout((120 + CUT) * 1000);
  const files: Answer[] = [];
  const registers: Answer[] = [];
  let [relay, site, core]: [TcpRelay?, Site?, Awaited<ReturnType<typeof openCore>>?] = [];
  let phones: readonly SilentPhone[] = [];
  let rolledOut: readonly SilentPhone[] = [];
  let handedOver: readonly SilentPhone[] = [];
  let told: readonly number[] = [];
  let counts: Readonly<Record<string, number>> = {};
  let mendedAt = 0;
  let asking: { stop(): Promise<void> } | undefined;

  before(async () => {
    const server = await postgres();
    relay = await tcpRelay(server.port);
    site = await startSite(
      // Both have one URL, as behind a balancer: else their files differ.
      {
        SELFPROV_HAND_OVER_PAUSES: '6,6,6,10,10',
        SELFPROV_REGISTER_WITHIN: '10',
        SELFPROV_URL: 'http://phones.example/',
      },
      { database: relay.port },
    );
    // The administrator's command runs beside PostgreSQL.
    core = await openCore(site.config);
    phones = await arrive(site, core);
    [rolledOut, handedOver] = [phones.slice(0, ROLLED_OUT), phones.slice(-HANDED_OVER)];
    const others = phones.slice(ROLLED_OUT, -HANDED_OVER);
    await give(core, [...rolledOut, ...others]);
    await areBack(core, [...rolledOut, ...others]);

    const toldBefore = rolledOut.map((phone) => phone.told());
    const toldNow = (): readonly number[] => rolledOut.map((phone, at) => phone.told() - (toldBefore[at] ?? 0));
    const toldTo = (part: number): Promise<unknown> =>
      waitFor(() => toldNow().filter(Boolean).length >= part * ROLLED_OUT, { what: 'being told', limit: 30_000 });
    asking = keepAsking(others);
    const pace = ['--per-minute', '180', '--per-address', '100'];
    const { id } = await site.cli<{ id: number }>('sync', 'start', '--profile', 'Rolled out', ...pace);
    await toldTo(1 / 4);
    await server.stop('fast');
    await server.start();
    await toldTo(1 / 2);
    const giving = give(core, handedOver);
    await waitFor(() => handedOver.some((phone) => phone.told() > 0), { what: 'a hand-over', limit: 20_000 });
    await relay.cut();
    await pause(CUT * 1000);
    await relay.mend();
    mendedAt = Date.now();
    await giving;
    await areBack(core, handedOver);
    const { store } = core;
    await waitFor(async () => (await store.sync(id))?.state === 'done', {
      what: 'the end of the roll-out',
      limit: 60_000,
      every: 500,
    });
    await asking.stop();
    told = toldNow();
    ({ counts } = await site.cli<{ counts: Record<string, number> }>('sync', 'show', String(id)));
  });
  after(async () => {
    await asking?.stop();
    await relay?.mend();
    await Promise.all(phones.map((phone) => phone.close()));
    await core?.close();
    await site?.close();
    await relay?.close();
  });

  it('tells every phone once, and all of them come back', () => {
    expect(counts).to.include({ back: ROLLED_OUT, lost: 0, by_itself: 0 });
    expect(told).to.deep.equal(rolledOut.map(() => 1));
  });

  it('gives every phone to its user, and tells again at most whom was told in vain', () => {
    for (const phone of handedOver) expect(phone.told(), phone.mac).to.be.within(1, 2);
    for (const phone of handedOver) expect(phone.updates(), phone.mac).to.be.at.least(1);
  });

  it('answers known phones with their file or "later", in time, and with their file from then on', () => {
    expect(statuses(files)).to.have.members([200, 503]);
    expect(slowest(files)).to.be.below(FILE_LIMIT);
    const soonAfter = files.filter(({ at }) => at > mendedAt + 3000);
    expect(statuses(soonAfter)).to.deep.equal([200]);
  });

  it('registers whoever knows the password', () => {
    expect(statuses(registers)).to.deep.equal([200]);
    expect(slowest(registers)).to.be.below(REGISTER_LIMIT);
  });

  /** These fetch and register all the time; nobody tells them anything. */
  function keepAsking(all: readonly SilentPhone[]): { stop(): Promise<void> } {
    const over = new AbortController();
    setMaxListeners(0, over.signal);
    const again = async (ask: (turn: number) => Promise<void>): Promise<void> => {
      for (let turn = 0; !over.signal.aborted; turn++) {
        await ask(turn);
        await pause(1000, undefined, { signal: over.signal }).catch(() => undefined);
      }
    };
    const asking = all.flatMap((phone) => [
      again(async (turn) => void files.push(await phone.fetch(inTurn(turn)))),
      again(async () => void registers.push(await phone.register())),
    ]);
    const asked = Promise.all(asking);
    // Who gets another's file fails the test at its end.
    asked.catch(() => undefined);
    return {
      async stop() {
        over.abort();
        await asked;
      },
    };
  }
});

async function arrive(site: Site, core: Core): Promise<readonly SilentPhone[]> {
  await site.cli('profile', 'add', 'Rolled out');
  const profile = (await core.store.profiles('default')).find(({ name }) => name === 'Rolled out');
  const numbers = Array.from({ length: ROLLED_OUT + OTHERS + HANDED_OVER }, (_, at) => at);
  await core.store.transaction(async (store) => {
    for (const at of numbers) {
      const user = aUser(String(FIRST + at), `User ${at}`);
      await store.addUser(at < ROLLED_OUT ? { ...user, profileId: profile?.id ?? '' } : user);
    }
  });
  const phones = await Promise.all(
    numbers.map((at) =>
      bootSilentPhone(site, { mac: `001565${(FIRST + at).toString(16).padStart(6, '0')}`, at: inTurn(at) }),
    ),
  );
  const isKnown = async (): Promise<boolean> =>
    (await core.store.knownRegistrations()).filter(({ contact }) => contact !== null).length === phones.length;
  await waitFor(isKnown, { what: 'all registrations', limit: 30_000, every: 200 });
  return phones;
}

async function give(core: Core, phones: readonly SilentPhone[]): Promise<void> {
  await Promise.all(
    phones.map(async ({ mac }) => {
      const extension = String(Number.parseInt(mac.slice(6), 16));
      const isGiven = (): Promise<boolean> =>
        giveDevice(core, { mac, tenantId: 'default', extension }).then(
          () => true,
          (error: unknown) => {
            // "Try again": a process that is cut off in the midst of writing keeps the others waiting for seconds.
            if (!isRefusal(error, 'unavailable')) throw error;
            return false;
          },
        );
      await waitFor(isGiven, { what: `device ${mac} being given`, limit: (30 + CUT) * 1000 });
    }),
  );
}

async function areBack(core: Core, phones: readonly SilentPhone[]): Promise<void> {
  const isDone = async ({ mac }: SilentPhone): Promise<boolean> =>
    (await core.store.handOversOf(mac))[0]?.state === 'done';
  const allDone = async (): Promise<boolean> => (await Promise.all(phones.map(isDone))).every(Boolean);
  await waitFor(allDone, { what: 'the end of all hand-overs', limit: 60_000, every: 500 });
}

function statuses(answers: readonly Answer[]): readonly number[] {
  return [...new Set(answers.map(({ status }) => status))].toSorted((one, other) => one - other);
}

function slowest(answers: readonly Answer[]): number {
  return Math.max(...answers.map(({ took }) => took));
}
