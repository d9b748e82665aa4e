import { expect } from 'chai';
import { addUser } from '../../src/administration/users.ts';
import { driveHandOvers } from '../../src/provisioning/handOver/driveHandOvers.ts';
import { noteRegistrations } from '../../src/provisioning/handOver/noteRegistrations.ts';
import { releaseDevice } from '../../src/provisioning/handOver/releaseDevice.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { assign, enrol } from '../support/steps.ts';

describe('A phone that registers twice within a second, from another port the second time', () => {
  let core: TestCore;
  before(async () => {
    core = await openTestCore();
  });
  after(() => core.close());

  let next = 0;

  /** A phone of a user that has registered from port 20001, is noted there, and then registers from port 20002. */
  async function twice(): Promise<{ mac: string; endpoint: string; last: () => string }> {
    next++;
    const mac = `02000000000${next}`;
    await enrol(core, mac);
    const { user } = await addUser(core, { tenantId: 'default', extension: `150${next}`, name: 'Ann' });
    const line = await assign(core, mac, user.id);
    const from = (port: number, callId: string) =>
      core.registrar.register({
        user: line.endpoint,
        authName: line.authName,
        password: line.secret.reveal(),
        ...{ address: '10.0.0.7', port, viaAddress: '192.168.0.2', viaPort: 5060 },
        ...{ callId, userAgent: 'Testphone', expires: 600 },
      });
    await from(20_001, 'first');
    await noteRegistrations(core, line.endpoint, ['10.0.0.7:20001']);
    // Its router has been restarted; Asterisk counts in seconds, so both run out at the same time.
    await from(20_002, 'second');
    return { mac, endpoint: line.endpoint, last: () => core.registrar.sent.at(-1)?.uri ?? '' };
  }

  async function release(mac: string): Promise<void> {
    await releaseDevice(core, { mac, actor: 'test' });
    await driveHandOvers(core, (error) => expect.fail(String(error)));
    core.pass(core.times.pauses[0] ?? 0);
    await driveHandOvers(core, (error) => expect.fail(String(error)));
  }

  it('is told where it is when both are noted together, a moment later', async () => {
    const { mac, endpoint, last } = await twice();
    await noteRegistrations(core, endpoint, ['10.0.0.7:20001', '10.0.0.7:20002']);
    await release(mac);
    expect(last()).to.contain('10.0.0.7:20002');
  });
});
