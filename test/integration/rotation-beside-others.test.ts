import { expect } from 'chai';
import { rotationsUnderWay, startRotation } from '../../src/administration/rotations.ts';
import { USUAL_PACE } from '../../src/administration/syncs.ts';
import { orNotFound } from '../../src/domain/orNotFound.ts';
import { noteRefused } from '../../src/provisioning/handOver/formers.ts';
import { noteRegistrations } from '../../src/provisioning/handOver/noteRegistrations.ts';
import { syncDriver } from '../../src/provisioning/sync/driveSyncs.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { fetchOwnFile, manyDevices, type OwnPhone } from '../support/manyDevices.ts';

const fail = (error: unknown): never => {
  throw error;
};
const MINUTE = 60_000;
const PROXY = { address: '203.0.113.80', port: 5060 };

interface Has {
  readonly user: string;
  readonly authName: string;
  readonly password: string;
}

interface At {
  readonly address: string;
  readonly port: number;
  readonly viaAddress: string;
  readonly callId: string;
}

describe('An old SIP password on trial, of an endpoint that others have too', () => {
  let core: TestCore;
  let drive: () => Promise<void>;
  beforeEach(async () => {
    core = await openTestCore();
    drive = syncDriver(core, fail);
  });
  afterEach(() => core.close());

  const lineOf = async ({ mac }: Pick<OwnPhone, 'mac'>) => orNotFound((await core.store.lines(mac))[0], 'line');
  const states = async () => (await rotationsUnderWay(core, 'default')).map(({ state }) => state);
  const has = async (phone: OwnPhone): Promise<Has> => {
    const { endpoint, authName, secret } = await lineOf(phone);
    return { user: endpoint, authName, password: secret.reveal() };
  };

  async function register({ mac }: OwnPhone, uses: Has, at: At): Promise<number | undefined> {
    const userAgent = `Phone ${mac}`;
    const status = await core.registrar.register({ ...uses, ...at, viaPort: 5060, userAgent, expires: 3600 });
    if (status === 401) await noteRefused(core, { endpoint: uses.user, address: at.address, callId: at.callId });
    else await noteRegistrations(core, uses.user);
    return status;
  }

  async function severalTimes(register: () => Promise<number | undefined>): Promise<readonly unknown[]> {
    const answers: unknown[] = [];
    for (let tries = 0; tries < 3; tries++) {
      answers.push(await register());
      core.pass(MINUTE);
    }
    return answers;
  }

  /** Two phones of one user; a SIP proxy without Record-Route, whose place Asterisk writes into each contact (`rewrite_contact`). */
  async function behindOneProxy() {
    const [one, other] = (await manyDevices(core, 2, { register: false })) as [OwnPhone, OwnPhone];
    await core.store.updateLine((await lineOf(other)).id, { userId: one.user.id, endpoint: one.user.endpoint });
    const [old, others] = [await has(one), await has(other)];
    expect(await register(one, old, { ...PROXY, viaAddress: '10.0.0.1', callId: 'one' })).to.equal(200);
    const registerOther = () => register(other, others, { ...PROXY, viaAddress: '10.0.0.2', callId: 'other' });
    expect(await registerOther()).to.equal(200);
    await startRotation(core, 'default', { mac: one.mac }, USUAL_PACE);
    await drive();
    core.pass(1000);
    await fetchOwnFile(core, one);
    core.pass(1000);
    return { one, old, registerOther };
  }

  it('is not gone because another phone of the user proves itself through the same SIP proxy', async () => {
    const { one, old, registerOther } = await behindOneProxy();
    // It is in a call and has not taken its file; its router gives it another address.
    const moved = { ...PROXY, viaAddress: '10.0.0.77', callId: 'one again' };
    expect(await register(one, old, moved)).to.equal(200);
    core.pass(5000);
    expect(await registerOther()).to.equal(200);
    expect(await states()).to.deep.equal(['trying']);
    core.pass(5000);
    expect(await severalTimes(() => register(one, old, moved))).to.deep.equal([401, 200, 200]);
  });

  it('is gone behind that proxy when the phone’s registration has outlasted any that was made with it', async () => {
    const { one, registerOther } = await behindOneProxy();
    const next = await has(one);
    const again = { ...PROXY, viaAddress: '10.0.0.1', callId: 'one again' };
    expect(await register(one, next, again)).to.equal(200);
    core.pass(11 * MINUTE);
    for (let times = 0; times < 4; times++) {
      expect(await register(one, next, again)).to.equal(200);
      await registerOther();
      expect(await states()).to.deep.equal(['trying']);
      core.pass(35 * MINUTE);
    }
    await register(one, next, again);
    expect(await states()).to.deep.equal([]);
  });

  it('is not gone because another phone of the user, which was away, comes to the same place', async () => {
    const { one, old, registerOther } = await behindOneProxy();
    core.pass(2 * 60 * MINUTE);
    const at = { ...PROXY, viaAddress: '10.0.0.1', callId: 'one' };
    expect(await register(one, old, at)).to.equal(200);
    expect(await states()).to.deep.equal(['trying']);
    core.pass(5000);
    // Proven, and not written down yet.
    core.heard(one.user.endpoint, `${PROXY.address}:${PROXY.port}`);
    await noteRegistrations(core, one.user.endpoint);
    expect(await states()).to.deep.equal(['trying']);
    await registerOther();
    expect(await severalTimes(() => register(one, old, at))).to.deep.equal([401, 200, 200]);
  });

  it('is not gone because a phone of the administrator’s own proves itself, at an adopted endpoint', async () => {
    const [phone] = (await manyDevices(core, 1, { register: false })) as [OwnPhone];
    const { endpoint } = phone.user;
    await core.store.updateUser(phone.user.id, { adoption: { kind: 'slots', slots: 2, auths: [endpoint] } });
    await core.store.updateLine((await lineOf(phone)).id, { authId: `${endpoint}-s1` });
    const old = await has(phone);
    const at = { address: '203.0.113.5', port: 4001, viaAddress: '10.0.0.1', callId: 'first' };
    expect(await register(phone, old, at)).to.equal(200);
    await startRotation(core, 'default', { all: true }, USUAL_PACE);
    await drive();
    core.pass(1000);
    await fetchOwnFile(core, phone);
    core.pass(11 * MINUTE);
    // A long call; it renews its registration meanwhile.
    expect(await register(phone, old, at)).to.equal(200);
    core.pass(5000);
    core.heard(endpoint, '198.51.100.9:5060');
    await noteRegistrations(core, endpoint);
    expect(await states()).to.deep.equal(['trying']);
    core.pass(5000);
    expect(await severalTimes(() => register(phone, old, at))).to.deep.equal([401, 200, 200]);
  });
});
