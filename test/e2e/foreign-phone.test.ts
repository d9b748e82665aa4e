import { expect } from 'chai';
import { addUser } from '../../src/administration/users.ts';
import { driveHandOvers } from '../../src/provisioning/handOver/driveHandOvers.ts';
import { noteRegistrations } from '../../src/provisioning/handOver/noteRegistrations.ts';
import { releaseDevice } from '../../src/provisioning/handOver/releaseDevice.ts';
import type { Ports } from '../../src/provisioning/ports.ts';
import { openAsteriskBench, type AsteriskBench } from '../support/asteriskBench.ts';
import type { TestCore } from '../support/core.ts';
import { registeringPhone } from '../../src/virtualPhone/registeringPhone.ts';
import { assign, enrol } from '../support/steps.ts';

const MAC = '001565aabb01';
const PLACE = '127.0.0.7';

/** "Accounts in your pjsip.conf go on working beside those of selfprov", "check-sync goes to no other phone's contact". */
describe('A phone of the administrator’s own that has got the address of a phone that was unplugged', function () {
  this.timeout(60_000);
  let bench: AsteriskBench;
  let ports: Ports;
  before(async () => {
    bench = await openAsteriskBench();
    ports = { ...bench.core, registrar: bench.registrar };
  });
  after(() => bench.close());

  it('is not told to restart when the unplugged phone is released', async () => {
    const { core } = bench;
    await enrol(core, MAC, PLACE);
    const { user } = await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann' });
    const line = await assign({ ...core, registrar: bench.registrar as TestCore['registrar'] }, MAC, user.id, PLACE);
    const { authName, secret } = line;
    const unplugged = await registeringPhone({
      ...{ sipPort: bench.sipPort, aor: '1500', authName, password: secret.reveal(), address: PLACE },
    });
    expect(await unplugged.register(600)).to.equal(200);
    await noteRegistrations(ports, '1500');
    unplugged.close();

    core.pass(120_000);
    await bench.shadow('2000');
    const own = await registeringPhone({
      ...{ sipPort: bench.sipPort, aor: '2000', authName: '2000', password: 'another' },
      ...{ address: PLACE, port: unplugged.port },
    });
    expect(await own.register(600)).to.equal(200);
    await noteRegistrations(ports, '1500');

    await releaseDevice(ports, { mac: MAC, actor: 'test' });
    await driveHandOvers(ports, (error) => expect.fail(String(error)));
    // What was sent before this has come before this.
    const uri = `sip:2000@${PLACE}:${own.port}`;
    await bench.registrar.notify(uri, { event: 'the-end', contentType: null, body: null });
    await bench.until(() => own.received.some((request) => request.includes('the-end')));
    own.close();
    expect(own.received.filter((request) => !request.includes('the-end'))).to.deep.equal([]);
  });
});
