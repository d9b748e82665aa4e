import { expect } from 'chai';
import { addUser } from '../../src/administration/users.ts';
import { giveDevice } from '../../src/administration/whoseDevice.ts';
import { driveHandOvers } from '../../src/provisioning/handOver/driveHandOvers.ts';
import { noteRegistrations } from '../../src/provisioning/handOver/noteRegistrations.ts';
import { releaseDevice } from '../../src/provisioning/handOver/releaseDevice.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { assign, enrol, HOME } from '../support/steps.ts';

const MAC = '001565aabb01';

/** "Accounts in your pjsip.conf go on working beside those of selfprov." */
describe('A phone with a second account, of the administrator’s own pjsip.conf', () => {
  let core: TestCore;
  beforeEach(async () => {
    core = await openTestCore();
  });
  afterEach(() => core.close());

  it('is told to fetch when it is released, whichever account registers last when it starts', async () => {
    await enrol(core, MAC);
    const { user } = await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann' });
    const { authName, secret } = await assign(core, MAC, user.id);
    await core.registrar.register({
      ...{ user: '1500', authName, password: secret.reveal(), address: HOME, port: 5060 },
      ...{ viaAddress: HOME, viaPort: 5060, callId: '1', userAgent: 'x', expires: 3600 },
    });
    core.heard('2000', `${HOME}:5060`);
    await noteRegistrations(core, '1500');
    expect(await core.store.handOver(MAC, 1)).to.include({ state: 'done' });
    core.pass(60_000);
    await releaseDevice(core, { mac: MAC, actor: 'test' });
    for (let i = 0; i < 1000; i++) {
      await driveHandOvers(core, (error) => expect.fail(String(error)));
      core.pass(1000);
    }
    const events = await core.store.events({ mac: MAC, limit: 9 });
    expect(core.registrar.sent.length, JSON.stringify(events.map(({ detail }) => detail))).to.be.greaterThan(0);
  });
});

describe('A phone whose port the router has given to another phone of ours, moments after', () => {
  it('is not told there, also when that device has been removed since', async () => {
    const core = await openTestCore();
    const router = '203.0.113.1';
    const { endpoint, authName, secret } = await enrol(core, MAC, router);
    await core.registrar.register({
      ...{ user: endpoint, authName, password: secret.reveal(), address: router, port: 40_002 },
      ...{ viaAddress: '192.168.1.10', viaPort: 5060, callId: '1', userAgent: 'x', expires: 3600 },
    });
    await noteRegistrations(core, endpoint);
    core.pass(5000);
    core.heard('phone-001565aabb02-1a2b3c', `${router}:40002`);
    await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann' });
    await giveDevice(core, { mac: MAC, tenantId: 'default', extension: '1500' });
    await driveHandOvers(core, (error) => expect.fail(String(error)));
    expect(core.registrar.sent).to.deep.equal([]);
    expect((await core.store.events({ mac: MAC, limit: 1 }))[0]?.step).to.equal('not_notified');
    await core.close();
  });
});
