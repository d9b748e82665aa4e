import { expect } from 'chai';
import { callAndKey } from '../support/callAndKey.ts';
import { bootPhone } from '../../src/virtualPhone/phone.ts';
import type { Phone } from '../../src/virtualPhone/phoneTypes.ts';
import { startProduct, type Product } from '../support/product.ts';
import { staysTrue, waitFor } from '../support/wait.ts';

interface Shown {
  readonly state: string;
  readonly extension: string | null;
  readonly handOver: { readonly state: string; readonly failure: string | null; readonly attempts: number } | null;
}

describe('Whatever goes wrong, nothing is lost', function () {
  this.timeout(120_000);
  let product: Product;
  const phones: Phone[] = [];
  let made = 0;

  before(async () => {
    product = await startProduct({ SELFPROV_HAND_OVER_PAUSES: '2,2,2' });
  });
  afterEach(async () => {
    await Promise.all(phones.splice(0).map((phone) => phone.close()));
  });
  after(() => product.close());

  const show = (phone: Phone): Promise<Shown> => product.cli<Shown>('device', 'show', phone.mac);
  const logged = async (step: string, phone: Phone): Promise<boolean> =>
    (await product.log()).some((line) => line['step'] === step && line['device'] === phone.mac);
  const happens = (step: string, phone: Phone, limit = 30_000): Promise<boolean> =>
    waitFor(() => logged(step, phone), { what: `"${step}" of ${phone.mac}`, limit });

  /** A registered phone on its default line, and a user who waits for it. */
  async function unpack(): Promise<{ phone: Phone; extension: string; pin: string }> {
    made++;
    const mac = `001565bb${String(made).padStart(4, '0')}`;
    const extension = String(2000 + made);
    const pin = await product.addUser(extension, `User ${made}`);
    const phone = await bootPhone({ family: 'yealink', mac, provisioningUrl: product.url });
    phones.push(phone);
    await phone.registered();
    return { phone, extension, pin };
  }

  it('a wrong PIN three times ends the call and changes nothing', async () => {
    const { phone, extension } = await unpack();
    const call = await callAndKey(phone, '*55', `${extension}#947201#${extension}#947202#${extension}#947203#`);
    await call.ended(60_000);
    expect(await show(phone)).to.include({ state: 'unassigned', extension: null, handOver: null });
    expect((await product.steps(phone.mac)).filter((step) => step === 'refused')).to.have.length(3);
  });

  it('an extension that does not exist is refused like a wrong PIN: after the PIN, with a prompt, and one may try again', async () => {
    const { phone, extension, pin } = await unpack();
    for (const keys of ['7999#947201#', `${extension}#947201#`]) {
      const call = await callAndKey(phone, '*55', keys);
      const before = (await product.log()).length;
      await waitFor(async () => (await product.log()).slice(before).some((line) => line['step'] === 'refused'), {
        what: 'the refusal',
        limit: 15_000,
      });
      await call.hearsSound();
      expect(call.isOver).to.equal(false);
      await phone.hangUp();
    }
    expect(await show(phone)).to.include({ state: 'unassigned', handOver: null });
    await callAndKey(phone, '*55', `7999#947201#${extension}#${pin}#1`);
    await phone.registered({ as: extension, limit: 40_000 });
  });

  it('a caller who hangs up, at whatever step, changes nothing', async () => {
    const { phone, extension, pin } = await unpack();
    for (const keys of ['', extension, `${extension}#`, `${extension}#${pin}`, `${extension}#${pin}#`]) {
      const call = await phone.dial('*55');
      await call.established();
      if (keys !== '') await phone.press(keys);
      await call.hearsSound();
      // Each key takes a quarter of a second on the wire; the last one shall have arrived.
      const typedAt = performance.now() + keys.length * 240 + 300;
      await waitFor(() => performance.now() > typedAt, { what: 'the last key', limit: 10_000 });
      await phone.hangUp();
    }
    expect(await show(phone)).to.include({ state: 'unassigned', extension: null, handOver: null });
    expect(phone.messages.some(({ method }) => method === 'NOTIFY')).to.equal(false);

    await callAndKey(phone, '*55', `${extension}#${pin}#1`);
    await phone.registered({ as: extension, limit: 30_000 });
  });

  it('a caller who hangs up as soon as the phone is theirs gets it all the same', async () => {
    const { phone, extension, pin } = await unpack();
    await callAndKey(phone, '*55', `${extension}#${pin}#1`);
    await happens('accepted', phone);
    await phone.hangUp();
    await phone.registered({ as: extension, limit: 10_000 });
    await happens('done', phone);
  });

  it('two phones are handed over at the same time, each to its own user', async () => {
    const both = [await unpack(), await unpack()];
    await Promise.all(
      both.map(async ({ phone, extension, pin }) => {
        await callAndKey(phone, '*55', `${extension}#${pin}#1`);
        await phone.registered({ as: extension, limit: 40_000 });
        await happens('done', phone);
        expect(await show(phone)).to.include({ state: 'assigned', extension });
      }),
    );
  });

  it('a phone that never fetches is told again, then the failure has a name; it may still come late', async () => {
    const { phone, extension, pin } = await unpack();
    phone.habits.obeyCheckSync = false;
    await callAndKey(phone, '*55', `${extension}#${pin}#1`);
    await happens('failed', phone, 60_000);
    expect((await show(phone)).handOver).to.include({ state: 'failed', failure: 'not_fetched', attempts: 3 });
    for (let i = 0; i < 3; i++) expect((await phone.notified()).event).to.match(/^check-sync/);

    phone.habits.obeyCheckSync = true;
    await phone.reboot();
    await phone.registered({ as: extension });
    await happens('done', phone);
    expect((await show(phone)).handOver).to.include({ state: 'done', failure: null });
  });

  it('Asterisk dies in the middle of a call: nothing has changed, and the next call works', async () => {
    const { phone, extension, pin } = await unpack();
    await callAndKey(phone, '*55', `${extension}#`);
    await product.killAsterisk();
    await product.startAsterisk();
    await phone.hangUp();
    expect(await show(phone)).to.include({ state: 'unassigned', handOver: null });

    await waitFor(async () => (await fetch(`${product.adminUrl}/healthz`)).ok, { what: 'the links', limit: 20_000 });
    await phone.registerAgain();
    await phone.registered();
    await callAndKey(phone, '*55', `${extension}#${pin}#1`);
    await phone.registered({ as: extension, limit: 30_000 });
  });

  it('Asterisk dies after the acceptance and before check-sync: the hand-over goes on when it is back', async () => {
    const { phone, extension, pin } = await unpack();
    await callAndKey(phone, '*55', `${extension}#${pin}#1`);
    await happens('accepted', phone);
    await product.killAsterisk();
    expect(await logged('notified', phone)).to.equal(false);
    await product.startAsterisk();
    await phone.hangUp();
    await phone.registered({ as: extension, limit: 60_000 });
    await happens('done', phone);
  });

  it('selfprov is killed right after the acceptance: the hand-over goes on when it is back', async () => {
    const { phone, extension, pin } = await unpack();
    const call = await callAndKey(phone, '*55', `${extension}#${pin}#1`);
    await happens('accepted', phone);
    await product.stop('SIGKILL');
    expect(await logged('notified', phone)).to.equal(false);
    await product.start();
    await call.ended(20_000);
    await phone.registered({ as: extension, limit: 60_000 });
    await happens('done', phone);
  });

  it('a second phone is not told to restart when the first one of the same user is', async () => {
    const { phone, extension, pin } = await unpack();
    await callAndKey(phone, '*55', `${extension}#${pin}#1`);
    await phone.registered({ as: extension, limit: 30_000 });
    await phone.notified();
    await happens('done', phone);

    const second = (await unpack()).phone;
    await callAndKey(second, '*55', `${extension}#${pin}#1`);
    await second.registered({ as: extension, limit: 30_000 });
    await happens('done', second);
    const received = phone.messages.filter(({ method }) => method === 'NOTIFY').length;
    expect(received).to.equal(1);

    await product.cli('device', 'release', second.mac);
    await second.registered({ as: `phone-${second.mac}`, limit: 20_000 });
    await staysTrue(() => phone.messages.filter(({ method }) => method === 'NOTIFY').length === 1, {
      what: 'the first phone being left alone',
    });
    expect(await show(phone)).to.include({ state: 'assigned', extension });
  });
});
