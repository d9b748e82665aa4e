import { expect } from 'chai';
import { addUser } from '../../src/administration/users.ts';
import { driveHandOvers } from '../../src/provisioning/handOver/driveHandOvers.ts';
import { noteRegistrations } from '../../src/provisioning/handOver/noteRegistrations.ts';
import { watchRegistrations } from '../../src/provisioning/handOver/registrationWatch.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { assign, enrol, HOME } from '../support/steps.ts';

const MAC = '001565aabb01';

describe('A phone that registers in the moment in which selfprov is connected to Asterisk again', () => {
  it('is its user’s and back: its registration is believed, though nobody told of it', async () => {
    const core = await openTestCore();
    const watch = watchRegistrations(core);
    const ports: TestCore = {
      ...core,
      ...watch,
    };
    await watch.compare();
    const { user } = await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann' });
    await enrol(core, MAC);
    const { authName, secret } = await assign(ports, MAC, user.id);

    watch.lost();
    core.registrar.onAuthenticated = () => {};
    const status = await core.registrar.register(
      {
        ...{ user: '1500', authName, password: secret.reveal(), address: HOME, port: 5060, viaAddress: HOME },
        ...{ viaPort: 5060, callId: '1', userAgent: 'x', expires: 3600 },
      },
      // Its proof was before the link was up; Asterisk writes it down after it has given its list.
      () => watch.compare(),
    );
    expect(status).to.equal(200);
    core.registrar.onAuthenticated = watch.heard;
    await noteRegistrations(ports, '1500');
    for (let i = 0; i < 1200; i++) {
      await driveHandOvers(ports, (error) => expect.fail(String(error)));
      if (i % 300 === 0) await watch.compare();
      core.pass(1000);
    }
    const handOver = await core.store.handOver(MAC, 1);
    await core.close();
    expect(handOver).to.include({ state: 'done', failure: null });
  });
});
