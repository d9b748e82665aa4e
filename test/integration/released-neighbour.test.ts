import { expect } from 'chai';
import { addUser } from '../../src/administration/users.ts';
import { driveHandOvers } from '../../src/provisioning/handOver/driveHandOvers.ts';
import { noteRegistrations } from '../../src/provisioning/handOver/noteRegistrations.ts';
import { releaseDevice } from '../../src/provisioning/handOver/releaseDevice.ts';
import type { Line } from '../../src/domain/device.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { assign, enrol } from '../support/steps.ts';

const MAC = '001565aabb01';
const OFFICE = '203.0.113.1';

describe('A phone that is given back while it is switched off', () => {
  let core: TestCore;
  beforeEach(async () => {
    core = await openTestCore();
  });
  afterEach(() => core.close());

  const register = (line: Line, port: number): Promise<number | undefined> =>
    core.registrar.register({
      user: line.endpoint,
      authName: line.authName,
      password: line.secret.reveal(),
      ...{ address: OFFICE, port, viaAddress: '192.168.0.9', viaPort: port, callId: `${port}`, userAgent: 'x' },
      expires: 600,
    });

  it('is still told when a neighbour behind the same public address has asked for its file and registered', async () => {
    const first = await enrol(core, MAC, OFFICE);
    await register(first, 40_001);
    await noteRegistrations(core, first.endpoint);
    const { user } = await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann' });
    const line = await assign(core, MAC, user.id, OFFICE);
    await register(line, 40_001);
    await noteRegistrations(core, '1500');
    expect(await core.store.handOver(MAC, 1)).to.include({ state: 'done' });

    await releaseDevice(core, { mac: MAC, actor: 'test' });
    // The first check-sync is lost. A neighbour asks, and registers.
    await driveHandOvers(core, (error) => expect.fail(String(error)));
    const neighbours = await enrol(core, MAC, OFFICE);
    await register(neighbours, 40_099);
    await noteRegistrations(core, neighbours.endpoint);
    core.registrar.sent.length = 0;
    for (let i = 0; i < 10; i++) {
      core.pass(61_000);
      await driveHandOvers(core, (error) => expect.fail(String(error)));
    }
    expect(core.registrar.sent.length, JSON.stringify(await core.store.handOver(MAC, 1))).to.be.greaterThan(0);
  });
});
