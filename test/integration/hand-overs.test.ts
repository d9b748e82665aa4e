import { expect } from 'chai';
import { addUser } from '../../src/administration/users.ts';
import type { Device, Line } from '../../src/domain/device.ts';
import type { HandOver } from '../../src/domain/handOver.ts';
import { admit } from '../../src/provisioning/files/admit.ts';
import { recordFetch } from '../../src/provisioning/files/recordFetch.ts';
import { endOfCallsBefore } from '../../src/provisioning/handOver/endOfCall.ts';
import { driveHandOvers } from '../../src/provisioning/handOver/driveHandOvers.ts';
import { moveHandOver } from '../../src/provisioning/handOver/moveHandOver.ts';
import { noteRegistrations } from '../../src/provisioning/handOver/noteRegistrations.ts';
import { releaseDevice } from '../../src/provisioning/handOver/releaseDevice.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { assign, enrol, HOME, stateOfDevice } from '../support/steps.ts';

const MAC = '001565aabb01';
const PHONE = { address: HOME, port: 5060, viaAddress: HOME, viaPort: 5060, callId: 'one', userAgent: 'Phone 1.0' };

describe('A hand-over over the store', () => {
  let core: TestCore;
  let userId: string;

  beforeEach(async () => {
    core = await openTestCore();
    ({
      user: { id: userId },
    } = await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann Lee' }));
  });
  afterEach(() => core.close());

  const handOver = async (): Promise<HandOver | undefined> => core.store.handOver(MAC, 1);
  const steps = async (): Promise<readonly string[]> =>
    (await core.store.events({ mac: MAC, limit: 99 })).map(({ step }) => step);
  const register = ({ endpoint, authName, secret }: Line): Promise<unknown> =>
    core.registrar.register({ ...PHONE, user: endpoint, authName, password: secret.reveal(), expires: 600 });

  /** Looks whenever something is due, until nothing is. */
  async function untilItEnds(): Promise<void> {
    for (let next = (await handOver())?.nextAttemptAt; next; next = (await handOver())?.nextAttemptAt) {
      core.pass(Math.max(1, next - core.now()));
      await driveHandOvers(core, (error) => {
        throw error;
      });
    }
  }

  async function fetchFile(): Promise<void> {
    const claim = { token: (await handOver())?.previousToken ?? null, address: HOME };
    const seen = { family: 'yealink', model: null, firmware: null, address: HOME };
    const admitted = await admit({ ...core, tenantId: 'default' }, { mac: MAC, claim, seen, isProvisional: false });
    if (admitted === undefined) throw new Error('the phone gets nothing');
    await recordFetch(core, admitted, claim);
  }

  it('of a phone that nobody knows the place of is called not notified, and completed when it comes back', async () => {
    await enrol(core, MAC);
    const line = await assign(core, MAC, userId, '192.0.2.1');
    await core.store.putHandOver({ ...((await handOver()) as HandOver), contact: null });
    await untilItEnds();
    expect(await handOver()).to.include({ state: 'failed', failure: 'not_notified' });
    expect(core.registrar.sent).to.deep.equal([]);
    await register(line);
    await noteRegistrations(core, '1500');
    expect(await handOver()).to.include({ state: 'done', failure: null });
    expect(await stateOfDevice(core, MAC)).to.equal('assigned');
  });

  it('of a phone that fetches its file and never registers is called not registered', async () => {
    await register(await enrol(core, MAC));
    await assign(core, MAC, userId);
    core.pass(20_000);
    await driveHandOvers(core, (error) => {
      throw error;
    });
    await fetchFile();
    await untilItEnds();
    expect(await handOver()).to.include({ state: 'failed', failure: 'not_registered' });
    expect((await steps()).slice(-1)).to.deep.equal(['failed']);
  });

  it('goes on at once when the process has died that served the call, unless somebody serves it now', async () => {
    await register(await enrol(core, MAC));
    await assign(core, MAC, userId);
    await endOfCallsBefore(core, core.now());
    expect(await handOver()).to.include({ nextAttemptAt: core.now() + core.times.callEndsWithin });
    core.pass(1);
    await endOfCallsBefore(core, core.now());
    expect(await handOver()).to.include({ nextAttemptAt: core.now() });
  });

  it('goes on after its registration as the user has been removed and forgotten', async () => {
    await register(await enrol(core, MAC));
    core.pass(1000);
    await register(await assign(core, MAC, userId));
    await noteRegistrations(core, '1500');
    expect(await handOver()).to.include({ state: 'done' });
    await releaseDevice(core, { mac: MAC, actor: 'test' });
    for (let i = 0; i < 10; i++) {
      core.pass(2000);
      await driveHandOvers(core, (error) => expect.fail(String(error)));
    }
    expect(await core.store.farewells('1500')).to.deep.equal([]);
    expect(core.registrar.sent).to.have.length(2);
  });

  it('is left to others by a process that was stopped while it was at it', async () => {
    await register(await enrol(core, MAC));
    await assign(core, MAC, userId);
    core.pass(20_000);
    const { now } = Date;
    const { registrar } = core;
    let late = 0;
    Date.now = () => now() + late;
    const stopped = {
      ...core,
      registrar: {
        ...registrar,
        async contacts(aor: string) {
          const found = await registrar.contacts(aor);
          late += 60_000;
          return found;
        },
      },
    };
    try {
      await driveHandOvers(stopped, (error) => {
        throw error;
      });
    } finally {
      Date.now = now;
    }
    expect(registrar.sent).to.deep.equal([]);
    expect(await registrar.allContacts(null)).to.have.length(1);
    core.pass(60_000);
    await driveHandOvers(core, (error) => {
      throw error;
    });
    expect(registrar.sent).to.have.length(1);
    expect(await registrar.allContacts(null)).to.deep.equal([]);
  });

  it('is not moved by what was meant for the one before', async () => {
    await enrol(core, MAC);
    await assign(core, MAC, userId);
    const before = (await handOver()) as HandOver;
    await releaseDevice(core, { mac: MAC, actor: 'test' });
    const after = await handOver();
    const device = (await core.store.device(MAC)) as Device;
    for (const event of [
      { kind: 'sent', leasedUntil: null },
      { kind: 'fetched', withNewToken: true },
    ] as const)
      expect(await moveHandOver(core.store, core, device, before, event)).to.equal(undefined);
    expect(await handOver()).to.deep.equal(after);
  });
});
