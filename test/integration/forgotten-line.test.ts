import { expect } from 'chai';
import { forgetTheOld, RETENTION } from '../../src/administration/retention.ts';
import { watchRegistrations } from '../../src/provisioning/handOver/registrationWatch.ts';
import { noteRegistrations } from '../../src/provisioning/handOver/noteRegistrations.ts';
import type { Line } from '../../src/domain/device.ts';
import { releaseDevice } from '../../src/provisioning/handOver/releaseDevice.ts';
import { addUser } from '../../src/administration/users.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { assign, enrol, HOME } from '../support/steps.ts';

const MAC = '001565aabb01';
const STRANGER = '192.0.2.66';
const MINUTE = 60_000;

/** "Asking for its file takes nothing away from a phone": it goes on with the account that it has. */
describe('A new phone that is registered, and a stranger who asks once for its file', () => {
  let core: TestCore;
  let line: Line;
  beforeEach(async () => {
    core = await openTestCore();
    line = await enrol(core, MAC, HOME);
  });
  afterEach(() => core.close());

  const register = (): Promise<number | undefined> =>
    core.registrar.register({
      user: line.endpoint,
      authName: line.authName,
      password: line.secret.reveal(),
      ...{ address: HOME, port: 5060, viaAddress: HOME, viaPort: 5060, callId: 'x', userAgent: 'x', expires: 600 },
    });

  it('registers again after its network, or Asterisk, was away for eleven minutes', async () => {
    expect(await register()).to.equal(200);
    await noteRegistrations(core, line.endpoint);
    for (let minutes = 0; minutes < 60; minutes += 5) {
      core.pass(5 * MINUTE);
      expect(await register()).to.equal(200);
      await noteRegistrations(core, line.endpoint);
    }
    await enrol(core, MAC, STRANGER);
    // The registration runs out, the comparison notes it, then what is old is forgotten, as every ten minutes.
    core.pass(11 * MINUTE);
    await watchRegistrations(core).compare();
    await forgetTheOld(core, RETENTION);
    expect(await register()).to.equal(200);
  });

  it('keeps the line that it has been released to and is being told to fetch, whoever asks', async () => {
    const { user } = await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann' });
    await assign(core, MAC, user.id);
    await releaseDevice(core, { mac: MAC, actor: 'test' });
    const released = await enrol(core, MAC, HOME);
    core.pass(MINUTE);
    await enrol(core, MAC, STRANGER);
    core.pass(31 * MINUTE);
    await forgetTheOld(core, RETENTION);
    expect((await core.store.lines(MAC)).map(({ id }) => id)).to.include(released.id);
  });

  it('stays registered when it registers while what is old is looked for', async () => {
    expect(await register()).to.equal(200);
    await noteRegistrations(core, line.endpoint);
    core.pass(31 * MINUTE);
    await noteRegistrations(core, line.endpoint);
    await enrol(core, MAC, STRANGER);
    const registrar = {
      ...core.registrar,
      async contacts(aor: string) {
        const found = await core.registrar.contacts(aor);
        // Its REGISTER comes just behind the answer.
        if (aor === line.endpoint) expect(await register()).to.equal(200);
        return found;
      },
    };
    await forgetTheOld({ ...core, registrar }, RETENTION);
    expect(await register(), 'the next refresh').to.equal(200);
  });
});
