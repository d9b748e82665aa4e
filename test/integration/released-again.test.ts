import { expect } from 'chai';
import { addUser } from '../../src/administration/users.ts';
import type { Line } from '../../src/domain/device.ts';
import { driveHandOvers } from '../../src/provisioning/handOver/driveHandOvers.ts';
import { noteRegistrations } from '../../src/provisioning/handOver/noteRegistrations.ts';
import { endOfCall } from '../../src/provisioning/handOver/endOfCall.ts';
import { releaseDevice } from '../../src/provisioning/handOver/releaseDevice.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { assign, enrol, HOME } from '../support/steps.ts';

const MAC = '001565aabb01';

describe('A phone that is given back', () => {
  let core: TestCore;
  beforeEach(async () => {
    core = await openTestCore();
  });
  afterEach(() => core.close());

  const register = async (line: Line, port: number): Promise<void> => {
    const { endpoint, authName, secret } = line;
    const status = await core.registrar.register({
      ...{ user: endpoint, authName, password: secret.reveal(), address: HOME, port, viaAddress: HOME },
      ...{ viaPort: port, callId: `call-${endpoint}-${port}`, userAgent: 'x', expires: 600 },
    });
    expect(status).to.equal(200);
    await noteRegistrations(core, endpoint);
  };
  const drive = (): Promise<void> => driveHandOvers(core, (error) => expect.fail(String(error)));

  /** Enrolled, its user's, and back: everything as it should be. */
  async function ready(portBefore: number, port: number): Promise<Line> {
    await register(await enrol(core, MAC), portBefore);
    const { user } = await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann' });
    const line = await assign(core, MAC, user.id);
    await register(line, port);
    expect(await core.store.handOver(MAC, 1)).to.include({ state: 'done' });
    core.pass(60_000);
    return line;
  }
  const said = async (): Promise<string> => {
    const events = await core.store.events({ mac: MAC, limit: 4 });
    return JSON.stringify(events.map(({ step, detail }) => [step, detail]));
  };

  for (const [portBefore, port] of [
    [5060, 5060],
    [40_001, 40_002],
  ] as const) {
    it(`is told again when the first check-sync was lost (ports ${portBefore}, ${port})`, async () => {
      await ready(portBefore, port);
      await releaseDevice(core, { mac: MAC, actor: 'test' });
      for (let second = 0; second < 60; second++) {
        await drive();
        core.pass(1000);
      }
      expect(core.registrar.sent.length, await said()).to.be.greaterThan(1);
    });

    it(`is told after the call in which it was given back, however long that lasts (ports ${portBefore}, ${port})`, async () => {
      const line = await ready(portBefore, port);
      const caller = { contact: `sip:1500@${HOME}:${port}`, address: HOME, identity: null };
      await releaseDevice(core, { mac: MAC, actor: 'phone', call: { lineId: line.id, caller } });
      // "The phone is free now": the prompt is being played.
      for (let second = 0; second < 6; second++) {
        await drive();
        core.pass(1000);
      }
      expect(core.registrar.sent).to.have.length(0);
      await endOfCall(core, { mac: MAC, slot: 1 });
      await drive();
      expect(core.registrar.sent.length, await said()).to.equal(1);
    });
  }
});
