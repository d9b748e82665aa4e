import { expect } from 'chai';
import { addUser } from '../../src/administration/users.ts';
import type { Line } from '../../src/domain/device.ts';
import { driveHandOvers } from '../../src/provisioning/handOver/driveHandOvers.ts';
import { noteRegistrations } from '../../src/provisioning/handOver/noteRegistrations.ts';
import { releaseDevice } from '../../src/provisioning/handOver/releaseDevice.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { gate } from '../support/gate.ts';
import { assign, enrol } from '../support/steps.ts';

const [ANN_DESK, ANN_HOME] = ['020000000001', '020000000002'];

/** Asterisk writes a registration down a moment after it has proven the account: a release may come in between. */
describe('A phone of two of one user that renews its registration while it is released', () => {
  let core: TestCore;
  beforeEach(async () => {
    core = await openTestCore();
  });
  afterEach(() => core.close());

  const register = (
    line: Line,
    address: string,
    callId: string,
    port = 5060,
    writing?: () => Promise<void>,
  ): Promise<number | undefined> =>
    core.registrar.register(
      {
        user: line.endpoint,
        authName: line.authName,
        password: line.secret.reveal(),
        ...{ address, port, viaAddress: address, viaPort: port, callId, userAgent: 'Testphone', expires: 600 },
      },
      writing,
    );
  const drive = (): Promise<void> => driveHandOvers(core, (error) => expect.fail(String(error)));

  it('leaves nothing behind for which the other phone would be told, and go unheard itself', async () => {
    const { user } = await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann' });
    const lines: Line[] = [];
    for (const [mac, address] of [
      [ANN_DESK, '10.0.0.1'],
      [ANN_HOME, '10.0.0.2'],
    ] as const) {
      const before = await enrol(core, mac, address);
      await register(before, address, `${mac} new`);
      await noteRegistrations(core, before.endpoint);
      const line = await assign(core, mac, user.id, address);
      await register(line, address, `${mac} first`);
      core.pass(1000);
      await noteRegistrations(core, '1500');
      await noteRegistrations(core, '1500');
      lines.push(line);
    }
    const [desk, home] = lines;
    if (desk === undefined || home === undefined) throw new Error('two lines were expected');
    core.pass(60_000);

    // The desk phone has restarted; its account is proven, its contact is not written down yet.
    const written = gate();
    const late = register(desk, '10.0.0.1', 'desk second', 5070, () => written.promise);
    await releaseDevice(core, { mac: ANN_DESK, actor: 'test' });
    await drive();
    written.resolve();
    await late;
    await noteRegistrations(core, '1500');

    core.registrar.sent.length = 0;
    await releaseDevice(core, { mac: ANN_HOME, actor: 'test' });
    await drive();
    expect(core.registrar.sent.map(({ uri }) => uri)).to.deep.equal(['sip:1500@10.0.0.2:5060']);
  });
});
