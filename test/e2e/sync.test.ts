import { expect } from 'chai';
import { bootPhone } from '../../src/virtualPhone/phone.ts';
import type { Phone } from '../../src/virtualPhone/phoneTypes.ts';
import type { LineReading } from '../../src/virtualPhone/readers/reading.ts';
import { registerOnce } from '../../src/virtualPhone/registeringPhone.ts';
import { startProduct, type Product } from '../support/product.ts';
import { waitFor } from '../support/wait.ts';

const MACS = ['001565aa0031', '001565aa0032'] as const;

interface Shown {
  readonly state: string;
  readonly counts: Readonly<Record<string, number>>;
}

describe('Phones on a real Asterisk that an administrator has told', function () {
  this.timeout(120_000);
  let product: Product;
  let phones: readonly Phone[];

  before(async () => {
    product = await startProduct();
    phones = await Promise.all(MACS.map((mac) => bootPhone({ family: 'yealink', mac, provisioningUrl: product.url })));
    for (const phone of phones) await phone.registered();
  });
  after(async () => {
    for (const phone of phones) await phone.close();
    await product.close();
  });

  async function ended(id: number): Promise<Shown> {
    let shown: Shown | undefined;
    await waitFor(
      async () => {
        shown = await product.cli<Shown>('sync', 'show', String(id));
        return shown.state !== 'running';
      },
      { what: () => `the end of sync ${id}: ${JSON.stringify(shown?.counts)}`, limit: 60_000, every: 500 },
    );
    if (shown === undefined) throw new Error('nothing is shown');
    return shown;
  }

  it('fetch and register anew, one after the other, and once each', async () => {
    const { id: sync } = await product.cli<{ id: number }>('sync', 'start', '--all', '--per-minute', '12');
    const { state, counts } = await ended(sync);
    expect(state).to.equal('done');
    expect(counts).to.include({ back: 2, lost: 0 });
    for (const phone of phones) {
      expect((await phone.notified()).event).to.match(/^check-sync/);
      expect((await product.steps(phone.mac)).filter((step) => step === 'notified')).to.have.length(1);
    }
  });

  it('fetch at once when one of them is meant', async () => {
    const [phone] = phones;
    const { sync } = await product.cli<{ sync: number }>('device', 'sync', MACS[0]);
    expect((await phone?.notified(10_000))?.event).to.match(/^check-sync/);
    expect((await ended(sync)).counts).to.include({ back: 1 });
  });

  it('restart when that is what one of them is told: it leaves its line, fetches, and is back', async () => {
    const [phone] = phones;
    const { sync } = await product.cli<{ sync: number }>('device', 'reboot', MACS[0]);
    expect((await phone?.notified(10_000))?.event).to.equal('check-sync;reboot=true');
    expect((await ended(sync)).counts).to.include({ back: 1 });
  });

  describe('to take new SIP passwords', () => {
    let ann: Phone;
    let bob: Phone;

    before(async () => {
      [ann, bob] = [await ofUser('1500', '001565aa0041'), await ofUser('1501', '001565aa0042')];
    });
    after(() => Promise.all([ann, bob].map((phone) => phone.close())));

    async function ofUser(extension: string, mac: string): Promise<Phone> {
      await product.addUser(extension, `User ${extension}`);
      const { url } = await product.cli<{ url: string }>(
        ...['device', 'add', '--family', 'yealink', '--mac', mac, '--user', extension],
      );
      const phone = await bootPhone({ family: 'yealink', mac, provisioningUrl: url });
      await phone.registered({ as: extension });
      return phone;
    }
    const rotate = async (extension: string): Promise<Shown> =>
      ended((await product.cli<{ sync: number }>('rotate', '--user', extension, '--yes')).sync);
    const registerAs = ({ user, authUser, password }: LineReading, address = '127.0.0.1'): Promise<number> =>
      registerOnce({ sipPort: product.sipPort, aor: user, authName: authUser, password, address });
    const isRefused = (line: LineReading): Promise<unknown> =>
      waitFor(async () => (await registerAs(line)) === 401, { what: 'the refusal of the old one', every: 200 });
    const hasStep = (phone: Phone, step: string): Promise<unknown> =>
      waitFor(async () => (await product.steps(phone.mac)).includes(step), { what: step, limit: 20_000, every: 300 });

    it('are told in the midst of a call, come with the new one when it is over, and the old one is refused', async () => {
      const old = await ann.registered({ as: '1500' });
      const outgoing = await ann.dial('1501');
      const incoming = await bob.rings();
      await incoming.answer();
      await outgoing.established();
      const end = rotate('1500');
      expect((await ann.notified()).duringCall).to.equal(true);
      await outgoing.hearsTone(bob.tone);
      await outgoing.hangUp();
      await Promise.all([outgoing.ended(), incoming.ended()]);
      expect((await end).counts).to.include({ back: 1, lost: 0 });
      const { password, authUser } = await ann.registered({ as: '1500' });
      expect(password).not.to.equal(old.password);
      expect(authUser).not.to.equal(old.authUser);
      await isRefused(old);
      await waitFor(
        async () => {
          await ann.registerAgain();
          await ann.registered({ as: '1500' });
          return (await product.cli<unknown[]>('rotate')).length === 0;
        },
        { what: 'the end of the old one', limit: 20_000, every: 1000 },
      );
    });

    it('are let in with the old one when they were off, as long as they need it', async () => {
      const old = await bob.registered({ as: '1501' });
      Object.assign(bob.habits, { register: false, oldRegistration: 'unregister' });
      await bob.registerAgain();
      await waitFor(async () => !(await product.cli<{ registered: boolean }>('device', 'show', bob.mac)).registered, {
        what: 'its going',
        limit: 90_000,
        every: 300,
      });
      expect((await rotate('1501')).counts).to.include({ by_itself: 1 });
      Object.assign(bob.habits, { register: true, oldRegistration: 'as a real phone' });
      await bob.registerAgain();
      expect((await bob.registered({ as: '1501' })).password).to.equal(old.password);

      await bob.reboot();
      expect((await bob.registered({ as: '1501' })).password).not.to.equal(old.password);
      await isRefused(old);
      // A phone that has not taken what it has fetched.
      expect(await registerAs(old, bob.address)).to.equal(401);
      await hasStep(bob, 'old_password_back');
      expect(await registerAs(old, bob.address)).to.equal(200);
    });
  });
});
