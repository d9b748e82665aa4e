import { expect } from 'chai';
import { join } from 'node:path';
import { addUser } from '../../src/administration/users.ts';
import type { Line } from '../../src/domain/device.ts';
import { packageRoot } from '../../src/packageRoot.ts';
import { loadFamilies } from '../../src/phones/catalog/loadFamilies.ts';
import { driveHandOvers } from '../../src/provisioning/handOver/driveHandOvers.ts';
import { noteRegistrations } from '../../src/provisioning/handOver/noteRegistrations.ts';
import { releaseDevice } from '../../src/provisioning/handOver/releaseDevice.ts';
import { listDevices } from '../support/listDevices.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { assign, enrol } from '../support/steps.ts';

const MAC = '001565aabb01';
const HOME_OFFICE = '203.0.113.1';

describe('A phone at home, behind a public address, that is released because it was reset', () => {
  const families = loadFamilies([join(packageRoot, 'templates')]);
  let core: TestCore;
  beforeEach(async () => {
    core = await openTestCore();
  });
  afterEach(() => core.close());

  const register = async ({ endpoint, authName, secret }: Line, port: number): Promise<void> => {
    const status = await core.registrar.register({
      ...{ user: endpoint, authName, password: secret.reveal(), address: HOME_OFFICE, port },
      ...{ viaAddress: '192.168.0.9', viaPort: 5060, callId: `${port}`, expires: 600 },
      userAgent: 'Yealink SIP-T46S 66.86.0.15 00:15:65:aa:bb:01',
    });
    expect(status).to.equal(200);
    await noteRegistrations(core, endpoint);
  };

  it('is not said to need switching off and on for ever, once it has its file and is registered', async () => {
    await register(await enrol(core, MAC, HOME_OFFICE), 40_001);
    const { user } = await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann' });
    await register(await assign(core, MAC, user.id, HOME_OFFICE), 40_001);
    await releaseDevice(core, { mac: MAC, actor: 'test' });
    await driveHandOvers(core, (error) => expect.fail(String(error)));
    // Reset: it has no token any more, and its router gives it another port.
    core.pass(20_000);
    const line = await enrol(core, MAC, HOME_OFFICE);
    for (let i = 0; i < 10; i++) {
      await register(line, 40_002);
      await driveHandOvers(core, (error) => expect.fail(String(error)));
      core.pass(400_000);
    }
    await register(line, 40_002);
    const [shown] = await listDevices(core, { families: () => families }, 'default');
    expect([shown?.registered, shown?.handOver?.state, shown?.note]).to.deep.equal([true, 'done', null]);
  });
});
