import { expect } from 'chai';
import { bootPhone } from '../support/phone.ts';
import type { Phone } from '../support/phoneTypes.ts';
import { startSite, type Site } from '../support/site.ts';
import { waitFor } from '../support/wait.ts';

/** Two processes of selfprov on one PostgreSQL, each with a link to two Asterisks. */
describe('Several of each', function () {
  this.timeout(90_000);
  let site: Site;
  const phones: Phone[] = [];

  before(async () => {
    site = await startSite({ SELFPROV_HAND_OVER_PAUSES: '3,5,5,10,10', SELFPROV_REGISTER_WITHIN: '10' });
  });
  afterEach(async () => {
    for (const phone of phones.splice(0)) await phone.close();
  });
  after(() => site?.close());

  /** Its first file comes from this process, and with that its SIP server. */
  async function boot(mac: string, at: 0 | 1): Promise<Phone> {
    const phone = await bootPhone({ family: 'yealink', mac, provisioningUrl: site.processes[at].url });
    phones.push(phone);
    await phone.registered();
    return phone;
  }

  async function isDone(phone: Phone): Promise<void> {
    await waitFor(async () => (await site.steps(phone.mac)).includes('done'), {
      what: 'the end of the hand-over',
      limit: 40_000,
      every: 500,
    });
  }

  it('a phone at the second Asterisk is set up, and told by that one, whoever serves the call', async () => {
    const pin = await site.addUser('1500', 'Ann Lee');
    const phone = await boot('001565bb0001', 1);
    const call = await phone.dial('*55');
    await call.established();
    await phone.press(`1500#${pin}#1`);
    await phone.notified(30_000);
    await isDone(phone);
    const { lines } = await site.cli<{ lines: { asterisk: string }[] }>('device', 'show', phone.mac);
    expect(lines[0]?.asterisk).to.equal('b');
    expect((await site.steps(phone.mac)).filter((step) => step === 'notified')).to.have.length(1);
  });

  it('a caller whose process is killed is greeted again by another one, and gets the phone', async () => {
    const pin = await site.addUser('1501', 'Bob May');
    const phone = await boot('001565bb0002', 0);
    const call = await phone.dial('*55');
    await call.established();
    await phone.press('1501#');
    await site.processes[0].stop('SIGKILL');
    const isGreeted = async (): Promise<boolean> =>
      (await site.processes[1].log()).some(({ step, device }) => step === 'called' && device === phone.mac);
    await waitFor(isGreeted, { what: 'the other process', limit: 15_000 });
    // Phones go on fetching where they have begun.
    await site.processes[0].start();
    await phone.press(`1501#${pin}#1`);
    await phone.notified(30_000);
    await isDone(phone);
  });
});
