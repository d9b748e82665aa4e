import { expect } from 'chai';
import { bootAdapter, type Adapter } from '../support/adapter.ts';
import { bootPhone } from '../../src/virtualPhone/phone.ts';
import type { Phone } from '../../src/virtualPhone/phoneTypes.ts';
import { startProduct, type Product } from '../support/product.ts';
import { waitFor } from '../support/wait.ts';

interface Shown {
  readonly state: string;
  readonly extension: string | null;
  readonly tenantId: string;
  readonly lines: readonly { readonly slot: number; readonly extension: string | null; readonly registered: boolean }[];
}

/** Ann and Joe are of the first tenant, Bo and Mia of acme. */
describe('An adapter with two telephones', function () {
  this.timeout(90_000);
  let product: Product;
  let pins: Readonly<Record<'ann' | 'bo' | 'joe' | 'mia', string>>;
  let adapter: Adapter;
  let joe: Phone;
  let mia: Phone;
  const others: Adapter[] = [];

  const show = (mac: string): Promise<Shown> => product.cli<Shown>('device', 'show', mac);
  const boot = async (mac: string): Promise<Adapter> => {
    const booted = await bootAdapter({ family: 'grandstream-ht', mac, provisioningUrl: product.url });
    others.push(booted);
    for (const port of booted.ports) await port.registered({ as: `phone-${mac}` });
    return booted;
  };
  const phoneOf = async (mac: string, extension: string, pin: string, as = extension): Promise<Phone> => {
    const phone = await bootPhone({ family: 'yealink', mac, provisioningUrl: product.url });
    await phone.registered();
    await phone.dial(`*55${extension}*${pin}`);
    await phone.registered({ as, limit: 30_000 });
    return phone;
  };

  before(async () => {
    product = await startProduct({}, ({ cli }) => cli('tenant', 'add', 'acme'));
    pins = {
      ann: await product.addUser('1500', 'Ann Lee'),
      joe: await product.addUser('1501', 'Joe Roe'),
      bo: await product.addUser('1600', 'Bo Ek', 'acme'),
      mia: await product.addUser('1601', 'Mia Day', 'acme'),
    };
    [joe, mia] = await Promise.all([
      phoneOf('001565ad0001', '1501', pins.joe),
      phoneOf('001565ad0002', '1601', pins.mia, 'acme-1601'),
    ]);
  });
  after(async () => {
    for (const each of [...others, joe, mia]) await each.close();
    await product.close();
  });

  it('has a default line of its own on each port', async () => {
    adapter = await boot('000b82ad0001');
    const [one, two] = [await adapter.ports[0].registered(), await adapter.ports[1].registered()];
    expect(one.user).not.to.equal(two.user);
    expect(one.whenLifted).to.deep.equal({ calls: '*55', after: 5 });
    expect(two.whenLifted).to.deep.equal({ calls: '*55', after: 5 });
    await waitFor(async () => (await show(adapter.mac)).lines.every(({ registered }) => registered), {
      what: 'both lines being known to be registered',
    });
  });

  it('becomes a user’s by a call from port 1, on that port alone', async () => {
    const [one, two] = adapter.ports;
    const before = await two.registered();
    await one.dial(`*551500*${pins.ann}`);
    expect((await one.registered({ as: '1500', limit: 30_000 })).whenLifted).to.equal(undefined);
    expect(await two.registered(), 'nothing has changed on port 2').to.deep.equal(before);
    expect(two.starts).to.equal(1);
    expect(await show(adapter.mac)).to.include({ extension: '1500', tenantId: 'default' });

    const called = await two.dial('1501');
    expect(await called.ended()).to.include({ wasEstablished: false });
    for (const number of ['*57', '112']) {
      const call = await two.dial(number);
      await call.established();
      await call.hearsSound();
      await call.hangUp();
    }
  });

  it('and another tenant’s user’s by a call from port 2', async () => {
    const [one, two] = adapter.ports;
    await two.dial(`*551600*${pins.bo}`);
    await two.registered({ as: 'acme-1600', limit: 30_000 });
    expect(one.starts, 'port 1 was left alone').to.equal(2);
    await waitFor(async () => (await show(adapter.mac)).state === 'assigned', { what: 'the end of the hand-over' });
    const shown = await show(adapter.mac);
    expect(shown.lines.map(({ slot, extension }) => [slot, extension])).to.deep.equal([
      [1, '1500'],
      [2, '1600'],
    ]);
    for (const tenant of ['default', 'acme']) {
      const all = await product.cli<(Shown & { mac: string })[]>('--tenant', tenant, 'device', 'list');
      expect(all.find(({ mac }) => mac === adapter.mac)?.extension, tenant).to.equal('1500, 1600 of acme');
    }
  });

  it('is called and calls in both tenants, each port as its own user', async () => {
    const [one, two] = adapter.ports;
    for (const [port, phone, own, far] of [
      [one, joe, { number: '1500', name: 'Ann Lee' }, { number: '1501', name: 'Joe Roe' }],
      [two, mia, { number: '1600', name: 'Bo Ek' }, { number: '1601', name: 'Mia Day' }],
    ] as const) {
      const out = await port.dial(far.number);
      const ringing = await phone.rings();
      expect(ringing.callerId).to.deep.equal(own);
      await ringing.answer();
      await out.established();
      await out.hearsTone(phone.tone);
      await ringing.hearsTone(port.tone);
      await out.hangUp();
      await ringing.ended();

      const back = await phone.dial(own.number);
      const rings = await port.rings();
      expect(rings.callerId).to.deep.equal(far);
      await rings.answer();
      await back.established();
      await back.hangUp();
      await rings.ended();
    }
    const across = await one.dial('1600');
    expect(await across.ended(), 'acme’s numbers are acme’s').to.include({ wasEstablished: false });
  });

  it('is taken back on port 1 while port 2 talks on', async () => {
    const [one, two] = adapter.ports;
    const talk = await two.dial('1601');
    const far = await mia.rings();
    await far.answer();
    await talk.established();
    const told = (): number => adapter.story.filter((line) => line.includes('NOTIFY')).length;
    const [asked, toldBefore] = [adapter.requests.length, told()];

    await product.cli('device', 'release', adapter.mac, '--port', '1');
    await waitFor(async () => !(await product.console('pjsip show aor 1500')).includes(adapter.address), {
      what: 'the end of port 1’s registration',
    });
    const call = await joe.dial('1500');
    expect(await call.ended()).to.include({ wasEstablished: false });
    await waitFor(() => told() > toldBefore, { what: 'a check-sync' });
    expect(adapter.requests, 'the adapter waits for the end of the call').to.have.length(asked);
    await talk.hearsTone(mia.tone);
    await far.hearsTone(two.tone);
    expect(talk.isOver).to.equal(false);
    expect(await product.console('pjsip show aor acme-1600')).to.include(adapter.address);

    await talk.hangUp();
    await one.registered({ as: `phone-${adapter.mac}`, limit: 30_000 });
    await two.registered({ as: 'acme-1600' });
    expect(two.starts, 'port 2 was never restarted').to.equal(2);
    const again = await mia.dial('1600');
    await (await two.rings()).answer();
    await again.established();
    await again.hangUp();
  });

  it('becomes two users’ by two calls at the same time', async () => {
    const both = await boot('000b82ad0002');
    const [one, two] = both.ports;
    const [first, second] = [await product.addUser('1502', 'Kim Poe'), await product.addUser('1503', 'Lou Fox')];
    await Promise.all([one.dial(`*551502*${first}`), two.dial(`*551503*${second}`)]);
    await one.registered({ as: '1502', limit: 30_000 });
    await two.registered({ as: '1503', limit: 30_000 });
    await waitFor(async () => (await show(both.mac)).state === 'assigned', { what: 'the end of both hand-overs' });
    const call = await one.dial('1503');
    await (await two.rings()).answer();
    await call.established();
    await call.hangUp();
  });

  it('of the other tenant’s user first is the first one’s on the other port by a one-time code', async () => {
    await product.cli('device', 'release', adapter.mac);
    const moved = await boot('000b82ad0003');
    const [one, two] = moved.ports;
    await one.dial(`*551600*${pins.bo}`);
    await one.registered({ as: 'acme-1600', limit: 30_000 });
    expect(await show(moved.mac)).to.include({ tenantId: 'acme' });
    const before = await two.registered();

    const refused = await two.dial(`*551500*${pins.ann}`);
    await refused.hearsSound();
    await refused.ended(20_000);
    expect(await two.registered()).to.deep.equal(before);

    const { code } = await product.cli<{ code: string }>('code', 'new', '--user', '1500');
    await two.dial(`*55${code}`);
    await two.registered({ as: '1500', limit: 30_000 });
    expect(await show(moved.mac)).to.include({ tenantId: 'acme', extension: '1600, 1500 of default' });
    const call = await two.dial('1501');
    const rings = await joe.rings();
    expect(rings.callerId).to.deep.equal({ number: '1500', name: 'Ann Lee' });
    await rings.answer();
    await call.established();
    await call.hangUp();
  });
});
