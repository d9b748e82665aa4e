import { expect } from 'chai';
import { forgetTheOld, RETENTION } from '../../src/administration/retention.ts';
import { noteRegistrations } from '../../src/provisioning/handOver/noteRegistrations.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { enrol } from '../support/steps.ts';

const MAC = '001565aabb01';
const OFFICE = '203.0.113.1';
const HOUR = 60 * 60_000;

/** DHCP names the URL without a token, and the phone asks there at each start: README, "Put it on your PBX", 5. */
describe('A new phone behind a public address that has no user yet', () => {
  let core: TestCore;
  beforeEach(async () => {
    core = await openTestCore();
  });
  afterEach(() => core.close());

  it('gets its file each time it is switched on, also the ninth time in a week', async () => {
    for (let start = 1; start <= 9; start++) {
      const line = await enrol(core, MAC, OFFICE).catch(() => expect.fail(`start ${start}: it gets no file`));
      const { endpoint, authName, secret } = line;
      await core.registrar.register({
        ...{ user: endpoint, authName, password: secret.reveal(), address: OFFICE, port: 40_000 + start },
        ...{ viaAddress: '192.168.0.9', viaPort: 5060, callId: `${start}`, userAgent: 'x', expires: 600 },
      });
      await noteRegistrations(core, endpoint);
      // Switched off in the evening.
      for (let hour = 0; hour < 12; hour++) {
        core.pass(HOUR);
        await noteRegistrations(core, endpoint);
        await forgetTheOld(core, RETENTION);
      }
    }
  });
});
