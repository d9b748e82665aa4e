import { expect } from 'chai';
import { callAndKey } from '../support/callAndKey.ts';
import { ownAddress } from '../../src/virtualPhone/loopback.ts';
import { openNat, type Nat } from '../support/nat.ts';
import { bootPhone } from '../../src/virtualPhone/phone.ts';
import type { Phone, PhoneOptions } from '../../src/virtualPhone/phoneTypes.ts';
import { startProduct, type Product } from '../support/product.ts';
import { ownCallIds, registrationsOf } from '../support/registrations.ts';
import { timeLine } from '../support/timeLine.ts';
import { staysTrue, waitFor } from '../support/wait.ts';

interface Shown {
  readonly state: string;
  readonly extension: string | null;
  readonly registered: boolean;
}

describe('Two phones of one user behind one address', function () {
  this.timeout(120_000);
  let product: Product;
  let nat: Nat;
  let caller: Phone;
  const phones: Phone[] = [];
  let made = 0;

  before(async () => {
    product = await startProduct({ SELFPROV_HAND_OVER_PAUSES: '3,3,3' });
    const pin = await product.addUser('1999', 'Cas Roe');
    caller = await bootPhone({ family: 'yealink', mac: '001565cf0000', provisioningUrl: product.url });
    await caller.registered();
    await callAndKey(caller, '*55', `1999#${pin}#1`);
    await caller.registered({ as: '1999', limit: 30_000 });
  });
  beforeEach(async () => {
    nat = await openNat();
  });
  afterEach(async () => {
    await Promise.all(phones.splice(0).map((phone) => phone.close()));
    await nat.close();
  });
  after(async () => {
    await caller.close();
    await product.close();
  });

  const show = (phone: Phone): Promise<Shown> => product.cli<Shown>('device', 'show', phone.mac);
  const steps = (phone: Phone): readonly string[] => timeLine(product.database, phone.mac).map(({ step }) => step);
  const told = (phone: Phone): number => phone.messages.filter(({ method }) => method === 'NOTIFY').length;
  /** What Asterisk still sends to a port that another phone had is answered with 404: no phone of this name is there. */
  const rang = (phone: Phone): number => phone.story.filter((line) => line.includes(' CALL_INCOMING ')).length;
  /** Asterisk counts in seconds when a registration runs out: of two within one it is not known which is the newer. */
  const secondIsOver = (now = Math.floor(Date.now() / 1000)): Promise<boolean> =>
    waitFor(() => Math.floor(Date.now() / 1000) > now, { what: 'the next second' });
  const times = (phone: Phone, step: string): number => steps(phone).filter((each) => each === step).length;
  const happened = (phone: Phone, step: string, often = 1, limit = 30_000): Promise<boolean> =>
    waitFor(() => times(phone, step) >= often, {
      what: () => `"${step}" of ${phone.mac}, of which is known: ${steps(phone).join(' ')}`,
      limit,
    });

  async function boot(options: Partial<PhoneOptions> = {}): Promise<Phone> {
    made++;
    const mac = `001565cf${String(made).padStart(4, '0')}`;
    const phone = await bootPhone({ family: 'yealink', mac, provisioningUrl: product.url, nat, ...options });
    // It is dead before it can say goodbye, as a phone whose plug is pulled.
    phone.habits.oldRegistration = 'leave';
    phones.push(phone);
    return phone;
  }

  async function addUser(): Promise<{ extension: string; keys: string }> {
    const extension = String(1500 + made);
    return { extension, keys: `${extension}#${await product.addUser(extension, 'Ann Lee')}#1` };
  }

  async function handOver(phone: Phone, { extension, keys }: { extension: string; keys: string }): Promise<void> {
    const [accepted, done] = [times(phone, 'accepted'), times(phone, 'done')];
    await callAndKey(phone, '*55', keys);
    await happened(phone, 'accepted', accepted + 1);
    await phone.hangUp();
    await phone.registered({ as: extension, limit: 40_000 });
    await happened(phone, 'done', done + 1);
  }

  /** Two registered phones on default lines, and then their user's. */
  async function twoOfOne(
    address?: string,
  ): Promise<{ pair: [Phone, Phone]; user: { extension: string; keys: string } }> {
    const at = address === undefined ? {} : { address };
    const pair: [Phone, Phone] = [await boot(at), await boot(at)];
    const user = await addUser();
    await Promise.all(pair.map((phone) => phone.registered()));
    await Promise.all(pair.map((phone) => handOver(phone, user)));
    return { pair, user };
  }

  it('are handed over at the same time, each told once', async () => {
    const { pair, user } = await twoOfOne();
    for (const phone of pair) {
      expect(await show(phone)).to.include({ state: 'assigned', extension: user.extension, registered: true });
      expect(told(phone)).to.equal(1);
      expect(steps(phone)).to.not.include.members(['failed']);
    }
    const uris = (await registrationsOf(product, user.extension)).map(({ uri }) => uri);
    expect(uris).to.have.length(2);
    for (const uri of uris) expect(uri).to.contain(`@${nat.address}:`);
  });

  for (const ports of ['new', 'swapped'] as const) {
    it(`one is released after the router was restarted (${ports} ports): the other rings on; then the other way round`, async () => {
      const { pair, user } = await twoOfOne();
      for (const [stays, goes] of [pair, pair.toReversed()] as [Phone, Phone][]) {
        await secondIsOver();
        await nat.restart(ports);
        await Promise.all(pair.map((phone) => phone.registerAgain()));
        await Promise.all(pair.map((phone) => phone.registered({ as: user.extension })));
        const before = { told: told(stays), goes: told(goes), rang: rang(goes) };

        await product.cli('device', 'release', goes.mac);
        await goes.registered({ as: `phone-${goes.mac}`, limit: 20_000 });
        await waitFor(
          async () =>
            !(await registrationsOf(product, user.extension)).some(({ callId }) => ownCallIds(goes).includes(callId)),
          { what: 'the end of the registrations of the one released', limit: 10_000, every: 200 },
        );
        const left = (await registrationsOf(product, user.extension)).map(({ callId }) => callId);
        expect(left).to.include(ownCallIds(stays).at(-1));
        expect(told(stays)).to.equal(before.told);
        expect(told(goes)).to.equal(before.goes + 1);

        const outgoing = await caller.dial(user.extension);
        const incoming = await stays.rings();
        await incoming.answer();
        await outgoing.established();
        await outgoing.hearsTone(stays.tone);
        await outgoing.hangUp();
        expect(rang(goes)).to.equal(before.rang);
        expect(await show(stays)).to.include({ state: 'assigned', extension: user.extension, registered: true });
        await handOver(goes, user);
      }
    });
  }

  it('that cannot be told apart: the registration of the other stands, and nobody is told what is another’s', async () => {
    const address = ownAddress();
    const { pair, user } = await twoOfOne(address);
    await Promise.all(pair.map((phone) => phone.close()));
    await nat.restart();
    const again = await Promise.all(
      pair.map(({ mac, deliveryUrl: provisioningUrl }) => boot({ mac, provisioningUrl, address })),
    );
    const [stays, goes] = again as [Phone, Phone];
    await Promise.all(again.map((phone) => phone.registered({ as: user.extension })));

    await product.cli('device', 'release', goes.mac);
    await waitFor(() => steps(goes).some((step) => step === 'left_registered' || step === 'not_notified'), {
      what: () => `words about what could not be done: ${steps(goes).join(' ')}`,
      limit: 20_000,
    });
    await staysTrue(() => told(stays) === 0, { what: 'the other one being left alone', limit: 3000 });
    const left = (await registrationsOf(product, user.extension)).map(({ callId }) => callId);
    expect(left).to.include(ownCallIds(stays).at(-1));
    expect(await show(stays)).to.include({ state: 'assigned', extension: user.extension });

    await goes.reboot();
    await goes.registered({ as: `phone-${goes.mac}` });
    await happened(goes, 'done', 2);
  });

  for (const verb of ['release', 'remove'] as const) {
    it(`one that is taken back (device ${verb}) while it is handed over is told, and comes back on a default line`, async () => {
      const { pair, user } = await twoOfOne();
      const [stays] = pair;
      const goes = await boot();
      const other = await addUser();
      await goes.registered();
      goes.habits.obeyCheckSync = false;
      await callAndKey(goes, '*55', other.keys);
      await happened(goes, 'accepted');
      await goes.hangUp();
      await happened(goes, 'notified');
      const before = told(stays);
      goes.habits.obeyCheckSync = true;

      await product.cli('device', verb, goes.mac);
      // Forgotten at first, it is known again when it has fetched its file.
      const isNobodys = (): Promise<boolean> =>
        show(goes).then(
          ({ state }) => state === 'unassigned',
          () => false,
        );
      await waitFor(isNobodys, { what: 'the phone being nobody’s', limit: 20_000, every: 200 });
      await goes.registered({ as: `phone-${goes.mac}`, limit: 20_000 });
      if (verb === 'release') await happened(goes, 'done');
      expect(await show(goes)).to.include({ state: 'unassigned', extension: null });
      expect(await registrationsOf(product, other.extension)).to.deep.equal([]);
      expect(told(stays)).to.equal(before);
      expect(await show(stays)).to.include({ state: 'assigned', extension: user.extension });
    });
  }
});
