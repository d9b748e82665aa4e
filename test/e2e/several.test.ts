import { expect } from 'chai';
import { callAndKey } from '../support/callAndKey.ts';
import { bootPhone } from '../../src/virtualPhone/phone.ts';
import type { Phone } from '../../src/virtualPhone/phoneTypes.ts';
import { registerOnce } from '../../src/virtualPhone/registeringPhone.ts';
import { startSite, type Site } from '../support/site.ts';
import { postgres } from '../support/testDatabase.ts';
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

  async function setUp(mac: string, at: 0 | 1, extension: string): Promise<Phone> {
    const pin = await site.addUser(extension, `User ${extension}`);
    const phone = await boot(mac, at);
    await callAndKey(phone, '*55', `${extension}#${pin}#1`);
    await phone.registered({ as: extension, limit: 30_000 });
    await isDone(phone);
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

  it('users at two Asterisks call each other, and a lamp at one shows who speaks at the other', async () => {
    const [a, b] = [await setUp('001565bb0006', 0, '1506'), await setUp('001565bb0007', 1, '1507')];
    const [, second] = site.asterisks;
    await second.console('dialplan add extension 1506,hint,PJSIP/1506 into users');
    const lamp = async (): Promise<string | undefined> =>
      /1506@users .*State:(\S+)/.exec(await second.console('core show hints'))?.[1];
    const shows = (state: string): Promise<unknown> =>
      waitFor(async () => (await lamp()) === state, { what: `the lamp of 1506 at b: ${state}`, every: 200 });
    await shows('Idle');

    const outgoing = await a.dial('1507');
    const incoming = await b.rings();
    expect(incoming.callerId).to.deep.equal({ number: '1506', name: 'User 1506' });
    await incoming.answer();
    await outgoing.established();
    await outgoing.hearsTone(b.tone);
    await incoming.hearsTone(a.tone);
    await shows('InUse');
    await outgoing.hangUp();
    await incoming.ended();
    await shows('Idle');

    const nobody = await a.dial('1599');
    expect(await nobody.ended()).to.include({ wasEstablished: false });
  });

  it('an account that is gone is gone at every Asterisk, though each keeps what it has read', async () => {
    const phone = await boot('001565bb0003', 0);
    const [line = expect.fail()] = phone.reading.lines;
    const account = { aor: line.user, authName: line.authUser, password: line.password };
    const register = (sipPort: number): Promise<number> => registerOnce({ sipPort, ...account });
    const all = (): Promise<number[]> => Promise.all(site.asterisks.map(({ sipPort }) => register(sipPort)));
    expect(await all()).to.deep.equal([200, 200]);

    await site.cli('device', 'remove', phone.mac);
    await waitFor(async () => (await all()).every((status) => status === 401), { what: 'the refusal', every: 200 });
  });

  it('phones stay registered while the database is away, and what was begun goes on when it is back', async () => {
    const pin = await site.addUser('1504', 'Cy Ng');
    const phone = await boot('001565bb0004', 1);
    const other = await boot('001565bb0005', 1);
    const call = await phone.dial('*55');
    await call.established();
    await phone.press(`1504#${pin}#1`);
    await waitFor(async () => (await site.steps(phone.mac)).includes('accepted'), {
      what: 'the acceptance',
      limit: 20_000,
    });
    const server = await postgres();
    await server.stop('fast');
    try {
      const [line = expect.fail()] = other.reading.lines;
      const account = { aor: line.user, authName: line.authUser, password: line.password };
      expect(await registerOnce({ sipPort: site.asterisks[1].sipPort, ...account })).to.equal(200);
    } finally {
      await server.start();
    }
    await isDone(phone);
  });
});
