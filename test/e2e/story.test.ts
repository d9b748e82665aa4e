import { expect } from 'chai';
import { callAndKey } from '../support/callAndKey.ts';
import { bootPhone } from '../../src/virtualPhone/phone.ts';
import type { FamilyName } from '../../src/virtualPhone/families/families.ts';
import type { Phone } from '../../src/virtualPhone/phoneTypes.ts';
import { startProduct, type Product } from '../support/product.ts';
import { waitFor } from '../support/wait.ts';

const MACS: Readonly<Record<string, readonly [string, string]>> = {
  yealink: ['001565aa0001', '001565aa0002'],
  snom: ['000413aa0001', '000413aa0002'],
};

describe('A phone out of the box becomes a user’s phone by one call', function () {
  this.timeout(60_000);
  let product: Product;

  before(async () => {
    product = await startProduct();
  });
  after(() => product.close());

  for (const [i, family] of (['yealink', 'snom'] as const satisfies readonly FamilyName[]).entries()) {
    describe(`(${family})`, () => {
      const [mac = '', otherMac = ''] = MACS[family] ?? [];
      const [ann, bob] = [`15${i}0`, `15${i}1`];
      let phone: Phone;
      let other: Phone;
      let pin: string;

      before(async () => {
        pin = await product.addUser(ann, 'Ann Lee');
      });
      after(async () => {
        await phone.close();
        await other.close();
      });

      it('it is enrolled, and registers with a default line of its own', async () => {
        // Keys go as phones send them here.
        phone = await bootPhone({ family, mac, provisioningUrl: product.url, keysBy: 'rfc4733' });
        const line = await phone.registered();
        expect(line.user).to.match(new RegExp(`^phone-${mac}-`));
        expect(await product.cli('device', 'show', mac)).to.include({ state: 'unassigned', family });
      });

      it('it reaches nothing from there but the self-provisioning extension and emergency numbers', async () => {
        for (const number of ['1500', '100', '0123456789', 's', 'self-provision']) {
          const call = await phone.dial(number);
          expect(await call.ended(), number).to.include({ wasEstablished: false });
        }
        const emergency = await phone.dial('112');
        await emergency.established();
        await emergency.hearsSound();
        await emergency.hangUp();
      });

      it('its user is asked for extension and PIN, and it comes back as the user’s', async () => {
        const call = await phone.dial('*55');
        await call.established();
        await call.hearsSound();
        await phone.press(`${ann}#${pin}#1`);
        await call.ended(30_000);
        const notify = await phone.notified();
        expect(notify.event).to.match(/^check-sync/);
        expect(notify.duringCall).to.equal(false);
        await phone.registered({ as: ann });
        await waitFor(async () => (await product.steps(mac)).includes('done'), { what: 'the end of the hand-over' });
        expect(await product.steps(mac)).to.deep.equal([
          'enrolled',
          'registered',
          'called',
          'accepted',
          'notified',
          'fetched',
          'registered',
          'done',
        ]);
        expect(await product.cli('device', 'show', mac)).to.include({ state: 'assigned', extension: ann });
      });

      it('two phones of users call each other, with sound both ways and the caller’s name', async () => {
        const otherPin = await product.addUser(bob, 'Bob Ray');
        other = await bootPhone({ family, mac: otherMac, provisioningUrl: product.url });
        await other.registered();
        await callAndKey(other, '*55', `${bob}#${otherPin}#1`);
        await other.registered({ as: bob, limit: 30_000 });

        const outgoing = await phone.dial(bob);
        const incoming = await other.rings();
        expect(incoming.callerId).to.deep.equal({ number: ann, name: 'Ann Lee' });
        await incoming.answer();
        await outgoing.established();
        await outgoing.hearsTone(other.tone);
        await incoming.hearsTone(phone.tone);
        await outgoing.hangUp();
        await incoming.ended();
      });

      it('the administrator takes it back: its calls stop at once, and it returns to a default line', async () => {
        await product.cli('device', 'release', mac);
        await phone.registered({ as: `phone-${mac}`, limit: 20_000 });
        const call = await other.dial(ann);
        expect(await call.ended()).to.include({ wasEstablished: false });
        await waitFor(async () => (await product.steps(mac)).at(-1) === 'done', { what: 'the end of the hand-over' });
        expect(await product.cli('device', 'show', mac)).to.include({ state: 'unassigned', extension: null });
      });

      it('its user gives it back from the phone itself, with the PIN', async () => {
        const fresh = await product.cli<{ pin: string }>('user', 'new-pin', bob);
        const call = await callAndKey(other, '*56', `${fresh.pin}#1`);
        await call.ended(30_000);
        await other.registered({ as: `phone-${otherMac}`, limit: 20_000 });
      });
    });
  }
});
