import { expect } from 'chai';
import { addUser } from '../../src/administration/users.ts';
import { SelfprovError } from '../../src/domain/errors.ts';
import type { Line } from '../../src/domain/device.ts';
import type { Contact } from '../../src/domain/registrations.ts';
import { driveHandOvers } from '../../src/provisioning/handOver/driveHandOvers.ts';
import { noteRegistrations } from '../../src/provisioning/handOver/noteRegistrations.ts';
import { watchRegistrations } from '../../src/provisioning/handOver/registrationWatch.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { assign, enrol, HOME } from '../support/steps.ts';

const MAC = '001565aabb01';

/** Until it has been announced once, lamps and queues say of the user's phone that it is not there, for ever. */
describe('The first registration of a user’s phone', () => {
  let core: TestCore;
  let line: Line;
  beforeEach(async () => {
    core = await openTestCore();
    await enrol(core, MAC);
    const { user } = await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann' });
    line = await assign(core, MAC, user.id);
  });
  afterEach(() => core.close());

  const register = (callId = 'x'): Promise<number | undefined> =>
    core.registrar.register({
      user: line.endpoint,
      authName: line.authName,
      password: line.secret.reveal(),
      ...{ address: HOME, port: 5060, viaAddress: HOME, viaPort: 5060, callId, userAgent: 'x', expires: 600 },
    });

  /** Hours of ordinary life: refreshes, comparisons, hand-overs. */
  async function lifeGoesOn(): Promise<void> {
    const watch = watchRegistrations(core);
    for (let i = 0; i < 60; i++) {
      core.pass(120_000);
      await register();
      await noteRegistrations(core, line.endpoint);
      await watch.compare();
      await driveHandOvers(core, (error) => expect.fail(String(error)));
    }
  }

  it('is announced, sooner or later, when ARI was away in that moment and AMI was not', async () => {
    await register();
    const registrar = {
      ...core.registrar,
      announce: () => Promise.reject(new SelfprovError('unavailable', 'ARI is away')),
    };
    await noteRegistrations({ ...core, registrar }, line.endpoint);
    await lifeGoesOn();
    expect([...core.registrar.announced]).to.deep.equal(['1500']);
  });

  it('is announced, sooner or later, when selfprov was killed in that moment', async () => {
    await register();
    const store = { ...core.store };
    await new Promise<void>((died) => {
      const announce = (): Promise<never> => {
        died();
        return new Promise<never>(() => undefined);
      };
      void noteRegistrations({ ...core, store, registrar: { ...core.registrar, announce } }, line.endpoint);
    });
    await lifeGoesOn();
    expect([...core.registrar.announced]).to.deep.equal(['1500']);
  });

  it('is announced, sooner or later, when the phone left in that moment and came back', async () => {
    await register();
    const registrar = {
      ...core.registrar,
      async announce(contact: Contact) {
        await core.registrar.remove(contact);
        return core.registrar.announce(contact);
      },
    };
    await noteRegistrations({ ...core, registrar }, line.endpoint);
    expect([...core.registrar.announced]).to.deep.equal([]);
    await register();
    await noteRegistrations(core, line.endpoint);
    expect([...core.registrar.announced]).to.deep.equal(['1500']);
  });
});
