import { expect } from 'chai';
import { driveHandOvers } from '../../src/provisioning/handOver/driveHandOvers.ts';
import { noteRegistrations } from '../../src/provisioning/handOver/noteRegistrations.ts';
import { removeDevice } from '../../src/provisioning/handOver/removeDevice.ts';
import type { Line } from '../../src/domain/device.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { enrol } from '../support/steps.ts';

const [ONE, TWO] = ['020000000001', '020000000002'];
const OFFICE = '203.0.113.1';

describe('A phone that an administrator removes, just after its router was restarted and has given it another phone’s port', () => {
  let core: TestCore;
  beforeEach(async () => {
    core = await openTestCore();
  });
  afterEach(() => core.close());

  async function register(line: Line, port: number, host: string): Promise<void> {
    await core.registrar.register({
      user: line.endpoint,
      authName: line.authName,
      password: line.secret.reveal(),
      ...{ address: OFFICE, port, viaAddress: host, viaPort: 5060, callId: host, userAgent: 'x', expires: 600 },
    });
    await noteRegistrations(core, line.endpoint);
  }

  it('is told once the other one is known to be elsewhere', async () => {
    const one = await enrol(core, ONE, OFFICE);
    await register(one, 40_000, '192.168.0.1');
    core.pass(700_000);
    const two = await enrol(core, TWO, OFFICE);
    await register(two, 40_001, '192.168.0.2');
    // The router restarts: the first phone gets the second's port and is faster.
    await register(one, 40_001, '192.168.0.1');
    await removeDevice(core, { mac: ONE, actor: 'test' });
    await driveHandOvers(core, (error) => expect.fail(String(error)));
    await register(two, 40_004, '192.168.0.2');
    for (let minutes = 0; minutes < 9; minutes++) {
      core.pass(60_000);
      await driveHandOvers(core, (error) => expect.fail(String(error)));
    }
    expect(core.registrar.sent.map(({ uri }) => uri).filter((uri) => uri.includes(one.endpoint))).to.have.length(1);
  });
});
