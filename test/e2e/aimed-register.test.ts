import { expect } from 'chai';
import { addUser } from '../../src/administration/users.ts';
import { driveHandOvers } from '../../src/provisioning/handOver/driveHandOvers.ts';
import { noteRegistrations } from '../../src/provisioning/handOver/noteRegistrations.ts';
import { removeDevice } from '../../src/provisioning/handOver/removeDevice.ts';
import type { Ports } from '../../src/provisioning/ports.ts';
import { openAsteriskBench, type AsteriskBench } from '../support/asteriskBench.ts';
import type { TestCore } from '../support/core.ts';
import { registeringPhone, type RegisteringPhone } from '../../src/virtualPhone/registeringPhone.ts';
import { assign, enrol } from '../support/steps.ts';

const VICTIM = '001565aabb01';
const STRANGER = '001565aabb66';

/** On a real Asterisk: whoever asks for a file of a MAC has an account, and may write what it likes into its REGISTER. */
describe('A stranger who registers with a contact at the place of another phone', function () {
  this.timeout(60_000);
  let bench: AsteriskBench;
  let ports: Ports;
  const open: RegisteringPhone[] = [];
  before(async () => {
    bench = await openAsteriskBench();
    ports = { ...bench.core, registrar: bench.registrar };
  });
  after(async () => {
    for (const phone of open) phone.close();
    await bench.close();
  });

  async function phone(mac: string, address: string, more: object = {}): Promise<RegisteringPhone> {
    const line = (await bench.core.store.lines(mac))[0] ?? (await enrol(bench.core, mac, address));
    const { endpoint, authName, secret } = line;
    const made = await registeringPhone({
      ...{ sipPort: bench.sipPort, aor: endpoint, authName, password: secret.reveal(), address },
      ...more,
    });
    open.push(made);
    return made;
  }
  const note = async (mac: string): Promise<void> => {
    for (const { endpoint } of await bench.core.store.lines(mac)) await noteRegistrations(ports, endpoint);
  };

  const ways: Readonly<Record<string, (aim: string) => object>> = {
    'behind a Record-Route': (aim) => ({
      contact: `sip:x@${aim}`,
      userAgent: `x\r\nRecord-Route: <sip:${aim};lr>`,
    }),
    'as the second of two contacts': (aim) => ({ contact: `sip:x@127.0.0.1:9>;expires=0,<sip:x@${aim}` }),
    'with a Path': (aim) => ({ contact: `sip:x@${aim}`, userAgent: `x\r\nSupported: path\r\nPath: <sip:${aim};lr>` }),
  };
  let next = 0;
  for (const [how, moreFor] of Object.entries(ways)) {
    it(`does not keep the phone from being told when its user has set it up, ${how}`, async () => {
      next++;
      const [victimMac, strangerMac] = [`${VICTIM.slice(0, 11)}${next}`, `${STRANGER.slice(0, 11)}${next}`];
      const victim = await phone(victimMac, '127.0.0.7');
      expect(await victim.register(600)).to.equal(200);
      await note(victimMac);
      const stranger = await phone(strangerMac, '127.0.0.66', moreFor(`127.0.0.7:${victim.port}`));
      await stranger.register(600);
      await note(strangerMac);

      const { user } = await addUser(bench.core, { tenantId: 'default', extension: `150${next}`, name: 'Ann' });
      const core = { ...bench.core, registrar: bench.registrar as TestCore['registrar'] };
      await assign(core, victimMac, user.id, '127.0.0.7');
      for (let i = 0; i < 8; i++) {
        bench.core.pass(400_000);
        await driveHandOvers(ports, (error) => expect.fail(String(error)));
      }
      const events = await bench.core.store.events({ mac: victimMac, limit: 50 });
      const why = events.filter(({ step }) => step === 'not_notified' || step === 'failed').map(({ detail }) => detail);
      expect(
        victim.received.map((request) => request.split(' ')[0]),
        JSON.stringify(why),
      ).to.include('NOTIFY');
    });
    it(`does not have a phone of the administrator’s own told to restart, ${how}`, async () => {
      next++;
      await bench.shadow(`200${next}`);
      const own = await registeringPhone({
        ...{ sipPort: bench.sipPort, aor: `200${next}`, authName: `200${next}`, password: 'another' },
        address: '127.0.0.8',
      });
      open.push(own);
      const strangerMac = `${STRANGER.slice(0, 11)}${next}`;
      const stranger = await phone(strangerMac, '127.0.0.66', moreFor(`127.0.0.8:${own.port}`));
      await stranger.register(600);
      await note(strangerMac);
      await removeDevice(ports, { mac: strangerMac, actor: 'test' });
      await driveHandOvers(ports, (error) => expect.fail(String(error)));
      // What was sent before this has come before this.
      const uri = `sip:x@127.0.0.8:${own.port}`;
      await bench.registrar.notify(uri, { event: 'the-end', contentType: null, body: null });
      await bench.until(() => own.received.some((request) => request.includes('the-end')));
      expect(own.received.filter((request) => !request.includes('the-end'))).to.deep.equal([]);
    });
  }
});
