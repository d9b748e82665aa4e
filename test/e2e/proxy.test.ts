import { expect } from 'chai';
import { callAndKey } from '../support/callAndKey.ts';
import { freePort } from '../support/freePorts.ts';
import { startKamailio, type Kamailio } from '../support/kamailio.ts';
import { bootPhone } from '../../src/virtualPhone/phone.ts';
import type { Phone } from '../../src/virtualPhone/phoneTypes.ts';
import { startSite, type Site } from '../support/site.ts';
import { waitFor } from '../support/wait.ts';

/** With docs/examples/kamailio.cfg. */
describe('Behind a SIP proxy before two Asterisks', function () {
  this.timeout(90_000);
  let site: Site;
  let kamailio: Kamailio;
  const phones: Phone[] = [];

  before(async () => {
    const port = await freePort();
    site = await startSite({ SELFPROV_HAND_OVER_PAUSES: '3,5,5,10,10', SELFPROV_REGISTER_WITHIN: '10' }, { sip: port });
    const ports = site.asterisks.map(({ sipPort }) => sipPort);
    kamailio = await startKamailio(port, ports);
  });
  after(async () => {
    for (const phone of phones) await phone.close();
    await kamailio?.close();
    await site?.close();
  });

  async function setUp(mac: string, at: 0 | 1, extension: string): Promise<Phone> {
    const pin = await site.addUser(extension, `User ${extension}`);
    const phone = await bootPhone({ family: 'yealink', mac, provisioningUrl: site.processes[at].url });
    phones.push(phone);
    await phone.registered();
    await callAndKey(phone, '*55', `${extension}#${pin}#1`);
    await phone.notified(30_000);
    await phone.registered({ as: extension, limit: 30_000 });
    return phone;
  }

  async function isAt(phone: Phone, asterisk: string): Promise<void> {
    const where = async (): Promise<string | undefined> =>
      (await site.cli<{ lines: { asterisk: string }[] }>('device', 'show', phone.mac)).lines[0]?.asterisk;
    await waitFor(async () => (await where()) === asterisk, {
      what: `phone ${phone.mac} being known to be at ${asterisk}`,
      limit: 20_000,
      every: 500,
    });
  }

  it('a phone is set up by a call, talks to one at the other, and is at that one when its own dies', async () => {
    const phone = await setUp('001565bb0010', 0, '1510');
    await isAt(phone, 'a');
    const direct = await setUp('001565bb0011', 1, '1511');
    await isAt(direct, 'b');
    const outgoing = await direct.dial('1510');
    const incoming = await phone.rings();
    expect(incoming.callerId).to.deep.equal({ number: '1511', name: 'User 1511' });
    await incoming.answer();
    await outgoing.established();
    await outgoing.hearsTone(phone.tone);
    await incoming.hearsTone(direct.tone);
    await outgoing.hangUp();
    await incoming.ended();

    site.asterisks[0].kill('SIGKILL');
    await phone.registerAgain();
    await phone.registered({ as: '1510', limit: 20_000 });
    await isAt(phone, 'b');
  });
});
