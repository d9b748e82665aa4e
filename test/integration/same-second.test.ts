import { expect } from 'chai';
import { addUser } from '../../src/administration/users.ts';
import { driveHandOvers } from '../../src/provisioning/handOver/driveHandOvers.ts';
import { noteRegistrations } from '../../src/provisioning/handOver/noteRegistrations.ts';
import { releaseDevice } from '../../src/provisioning/handOver/releaseDevice.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { gate } from '../support/gate.ts';
import { assign, enrol } from '../support/steps.ts';

describe('A phone that registers twice within a second, from another port the second time', () => {
  let core: TestCore;

  before(async () => {
    core = await openTestCore();
  });
  after(() => core.close());

  let next = 0;

  async function phoneOfAnn() {
    next++;
    const mac = `02000000000${next}`;
    await enrol(core, mac);
    const { user } = await addUser(core, { tenantId: 'default', extension: `150${next}`, name: 'Ann' });
    const line = await assign(core, mac, user.id);
    const from = (port: number, expires = 600, writing?: () => Promise<void>) =>
      core.registrar.register(
        {
          user: line.endpoint,
          authName: line.authName,
          password: line.secret.reveal(),
          ...{ address: '10.0.0.7', port, viaAddress: '192.168.0.2', viaPort: 5060 },
          ...{ callId: `from ${port}`, userAgent: 'Testphone', expires },
        },
        writing,
      );
    return { mac, endpoint: line.endpoint, from };
  }

  async function release(mac: string): Promise<void> {
    await releaseDevice(core, { mac, actor: 'test' });
    await drive();
  }

  async function drive(): Promise<void> {
    await driveHandOvers(core, (error) => expect.fail(String(error)));
  }

  /** Where the phone is told in the end. */
  async function toldAt(): Promise<string> {
    core.pass(core.times.pauses[0] ?? 0);
    await drive();
    return core.registrar.sent.at(-1)?.uri ?? '';
  }

  it('is told where it is when both are noted together, a moment later', async () => {
    const { mac, endpoint, from } = await phoneOfAnn();
    await from(20_001);
    await from(20_002);
    await noteRegistrations(core, endpoint);
    await release(mac);
    expect(await toldAt()).to.contain('10.0.0.7:20002');
  });

  it('is told where it is when it is released before the second is noted', async () => {
    const { mac, endpoint, from } = await phoneOfAnn();
    await from(20_001);
    await noteRegistrations(core, endpoint);
    await from(20_002);
    await release(mac);
    await noteRegistrations(core, endpoint);
    expect(await toldAt()).to.contain('10.0.0.7:20002');
    expect(await core.registrar.contacts(endpoint)).to.deep.equal([]);
  });

  it('is told where it is, and forgotten there, when it is released before Asterisk has written the second down', async () => {
    const { mac, endpoint, from } = await phoneOfAnn();
    await from(20_001);
    await noteRegistrations(core, endpoint);
    const written = gate();
    const second = from(20_002, 600, () => written.promise);
    await release(mac);
    written.resolve();
    await second;
    await noteRegistrations(core, endpoint);
    expect(await toldAt()).to.contain('10.0.0.7:20002');
    expect(await core.registrar.contacts(endpoint)).to.deep.equal([]);
  });

  it('is told where it is although the older registration was to last longer', async () => {
    const { mac, endpoint, from } = await phoneOfAnn();
    await from(20_001, 3600);
    await noteRegistrations(core, endpoint);
    core.pass(30_000);
    await from(20_002, 120);
    await noteRegistrations(core, endpoint);
    core.pass(30_000);
    await release(mac);
    expect(await toldAt()).to.contain('10.0.0.7:20002');
  });
});
