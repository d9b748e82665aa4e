import { expect } from 'chai';
import { addUser } from '../../src/administration/users.ts';
import { driveHandOvers } from '../../src/provisioning/handOver/driveHandOvers.ts';
import { noteAllRegistrations, noteRegistrations } from '../../src/provisioning/handOver/noteRegistrations.ts';
import { releaseDevice } from '../../src/provisioning/handOver/releaseDevice.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { assign, enrol } from '../support/steps.ts';

const MAC = '001565aabb01';
const OFFICE = '203.0.113.1';

describe('A user’s phone whose router has given it another port, while Asterisk was slow to write the registration down', () => {
  let core: TestCore;
  beforeEach(async () => {
    core = await openTestCore();
  });
  afterEach(() => core.close());

  it('is told where it is, minutes later, and not where it was', async () => {
    await enrol(core, MAC, OFFICE);
    const { user } = await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann' });
    const { authName, secret } = await assign(core, MAC, user.id, OFFICE);
    const register = (port: number, writing?: () => Promise<void>): Promise<number | undefined> =>
      core.registrar.register(
        {
          ...{ user: '1500', authName, password: secret.reveal(), address: OFFICE, port, viaAddress: '192.168.0.9' },
          ...{ viaPort: 5060, callId: '1', userAgent: 'Yealink SIP-T46S 66.86.0.15 00:15:65:aa:bb:01', expires: 3600 },
        },
        writing,
      );
    await register(40_001);
    await noteRegistrations(core, '1500');
    core.pass(600_000);
    // selfprov looks 150 ms after the proof, or cannot look at all: a backup keeps the database locked.
    await register(40_002, async () => void (await noteRegistrations(core, '1500')));
    core.pass(300_000);
    await noteAllRegistrations(core, await core.registrar.allContacts(null));
    await releaseDevice(core, { mac: MAC, actor: 'test' });
    await driveHandOvers(core, (error) => expect.fail(String(error)));
    expect(core.registrar.sent.map(({ uri }) => /:(\d+)(?:;|$)/.exec(uri)?.[1])).to.deep.equal(['40002']);
  });
});
