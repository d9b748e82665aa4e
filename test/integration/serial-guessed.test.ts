import { expect } from 'chai';
import { addDevice, changeDevice } from '../../src/administration/devices.ts';
import { changeTenant } from '../../src/administration/tenants.ts';
import { addUser } from '../../src/administration/users.ts';
import { unlockDevice } from '../../src/administration/whoseDevice.ts';
import { answerRequest } from '../../src/provisioning/files/answerRequest.ts';
import { answerNeeds } from '../support/answerNeeds.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { shippedFamilies } from '../support/phoneFacts.ts';
import { refusalOf } from '../support/refusal.ts';

const MAC = '0002fdff2103';
const SERIAL = 'CBT141400UK';
const [ITS, STRANGERS] = ['10.0.0.7', '10.0.0.66'];

describe('A stranger who guesses the serial number of a phone that is expected', () => {
  let core: TestCore;
  beforeEach(async () => {
    core = await openTestCore();
    await changeTenant(core, 'default', { texts: { inventoryProof: 'serial' } });
    await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann' });
    const entered = { mac: MAC, tenantId: 'default', family: 'spa', serial: SERIAL, users: { 1: '1500' } };
    await addDevice(core, facts(), entered);
  });
  afterEach(() => core.close());

  const facts = (): Parameters<typeof addDevice>[1] => ({
    families: shippedFamilies,
    openUrl: () => 'http://x.example/',
  });
  async function isServed(serial: string, address = STRANGERS, method = 'GET'): Promise<boolean> {
    const userAgent = `Cisco/SPA508G-7.4.8a (0002FDFF2103)(${serial})`;
    const claim = { token: null, address };
    const request = { path: `/${MAC}.xml`, userAgent, method, transport: 'http', claim } as const;
    return (await answerRequest(answerNeeds(core), request)) !== undefined;
  }
  async function guess(method = 'GET'): Promise<void> {
    for (let i = 0; i < 5; i++) expect(await isServed(`CBT14140${i}`, STRANGERS, method)).to.equal(false);
  }

  for (const method of ['GET', 'HEAD']) {
    it(`gets no more than five tries by ${method}, even with the right one; the phone itself is served`, async () => {
      await guess(method);
      expect(await isServed(SERIAL, STRANGERS, method)).to.equal(false);
      const events = await core.store.events({ mac: MAC, limit: 5 });
      expect(events.find(({ step }) => step === 'locked')?.detail).to.include({ locked: 'serial', address: STRANGERS });
      expect(await isServed(SERIAL, ITS)).to.equal(true);
    });
  }

  it('is told from a phone whose number was entered wrong: that is mended, or the phone unlocked', async () => {
    await guess();
    await changeDevice(core, MAC, { serial: 'CBT141400XX' });
    expect(await isServed('CBT141400XX')).to.equal(true);
    await core.store.removeDevice(MAC);
    await addDevice(core, facts(), {
      mac: MAC,
      tenantId: 'default',
      family: 'spa',
      serial: SERIAL,
      users: { 1: '1500' },
    });
    await guess();
    await unlockDevice(core, MAC);
    expect(await isServed(SERIAL)).to.equal(true);
  });

  it('is not let in by no number at all: none can be entered', async () => {
    expect(await refusalOf(changeDevice(core, MAC, { serial: ' ' }))).to.include({ code: 'invalid' });
    expect(await isServed('')).to.equal(false);
  });
});
