import { expect } from 'chai';
import { addUser } from '../../src/administration/users.ts';
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
