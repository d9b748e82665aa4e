import { expect } from 'chai';
import { driveHandOvers } from '../../src/provisioning/handOver/driveHandOvers.ts';
import { noteRegistrations } from '../../src/provisioning/handOver/noteRegistrations.ts';
import { watchRegistrations, type RegistrationWatch } from '../../src/provisioning/handOver/registrationWatch.ts';
import { removeDevice } from '../../src/provisioning/handOver/removeDevice.ts';
import type { Ports } from '../../src/provisioning/ports.ts';
import { openAsteriskBench, type AsteriskBench } from '../support/asteriskBench.ts';
import { registeringPhone, type RegisteringPhone } from '../../src/virtualPhone/registeringPhone.ts';
import { enrol } from '../support/steps.ts';

const PHONE = '001565aabb01';
const STRANGER = '001565aabb66';

/** On a real Asterisk: whoever asks for a file of a MAC has an account, and may write what it likes into its REGISTER. */
describe('A stranger who registers with an address that is none in its contact', function () {
  this.timeout(60_000);
  let bench: AsteriskBench;
  let ports: Ports;
  let watch: RegistrationWatch;
  const open: RegisteringPhone[] = [];
  before(async () => {
    bench = await openAsteriskBench();
    watch = watchRegistrations({ ...bench.core, registrar: bench.registrar });
    ports = {
      ...bench.core,
      registrar: bench.registrar,
      ...watch,
    };
  });
  after(async () => {
    for (const phone of open) phone.close();
    await bench.close();
  });

  async function phone(mac: string, address: string, more: object = {}): Promise<RegisteringPhone> {
    const { endpoint, authName, secret } = await enrol(bench.core, mac, address);
    const made = await registeringPhone({
      ...{ sipPort: bench.sipPort, aor: endpoint, authName, password: secret.reveal(), address },
      ...more,
    });
    open.push(made);
    return made;
  }

  it('does not keep every other phone from being told, when selfprov or its link to Asterisk has been restarted', async () => {
    const honest = await phone(PHONE, '127.0.0.7');
    expect(await honest.register(600)).to.equal(200);
    const [line] = await bench.core.store.lines(PHONE);
    await noteRegistrations(ports, line?.endpoint ?? '');

    const aim = 'sip:x@[fe80::1%eth0]:5060';
    const stranger = await phone(STRANGER, '127.0.0.66', {
      contact: `sip:x@127.0.0.1:9>;expires=0,<${aim}`,
    });
    const status = await stranger.register(600);
    const listed = (await bench.registrar.allContacts(null)).map(({ uri }) => uri);

    // selfprov starts: it compares every two seconds until it has compared all.
    const errors: string[] = [];
    for (let i = 0; i < 3; i++) await watch.compare().catch((error: unknown) => errors.push(String(error)));
    await removeDevice(ports, { mac: PHONE, actor: 'test' });
    for (let i = 0; i < 5; i++) {
      await driveHandOvers(ports, (error) => errors.push(String(error)));
      bench.core.pass(20_000);
    }
    await bench.until(() => honest.received.some((request) => request.startsWith('NOTIFY')));
    expect(
      honest.received.map((request) => request.split(' ')[0]),
      JSON.stringify({ status, listed, errors }),
    ).to.include('NOTIFY');
  });
});
