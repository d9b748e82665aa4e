import { expect } from 'chai';
import { addUser } from '../../src/administration/users.ts';
import { driveHandOvers } from '../../src/provisioning/handOver/driveHandOvers.ts';
import { releaseDevice } from '../../src/provisioning/handOver/releaseDevice.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { assign, enrol } from '../support/steps.ts';

const MAC = '001565aabb01';
const HOUR = 3_600_000;

/**
 * The service's clock (src/clock.ts) is the wall's at its start and goes on by itself: it does not see that the machine
 * was suspended, or that its clock was set. Each command of an administrator is a process that begins with the wall's.
 */
describe('An administrator’s command, after the machine was suspended or its clock was set while selfprov runs', () => {
  let core: TestCore;
  before(async () => {
    core = await openTestCore();
  });
  after(() => core.close());

  it('releases a phone that is told at once, not after as long as the machine slept', async () => {
    await enrol(core, MAC);
    const { user } = await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann' });
    await assign(core, MAC, user.id);
    await releaseDevice({ ...core, now: () => core.now() + HOUR }, { mac: MAC, actor: 'cli:root' });
    for (let seconds = 0; seconds < 600; seconds += 10) {
      core.pass(10_000);
      await driveHandOvers(core, (error) => expect.fail(String(error)));
    }
    expect(core.registrar.sent.length, 'check-syncs in ten minutes').to.be.greaterThan(0);
  });
});

describe('A hand-over that began by a clock that was ahead', () => {
  let core: TestCore;
  before(async () => {
    core = await openTestCore();
  });
  after(() => core.close());

  it('goes on at once in a process whose clock is right, and keeps its pauses then', async () => {
    await enrol(core, MAC);
    const { user } = await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann' });
    const ahead = { ...core, now: () => core.now() + 24 * HOUR };
    await assign(ahead, MAC, user.id);
    const drive = (): Promise<void> => driveHandOvers(core, (error) => expect.fail(String(error)));
    await drive();
    expect(core.registrar.sent).to.have.length(1);
    core.pass(5000);
    await drive();
    expect(core.registrar.sent).to.have.length(1);
  });
});
