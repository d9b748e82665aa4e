import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { ownAuthorityFile, ownCertificate } from '../../src/certificates/ownCertificate.ts';
import { callAndKey } from '../support/callAndKey.ts';
import { installLinphone, type Linphone } from '../support/linphone.ts';
import { bootPhone } from '../../src/virtualPhone/phone.ts';
import type { Phone, PhoneOptions } from '../../src/virtualPhone/phoneTypes.ts';
import { startProduct, type Product } from '../support/product.ts';
import { rawCall } from '../support/rawCall.ts';
import { share } from '../../src/virtualPhone/recording.ts';
import { waitFor } from '../support/wait.ts';

/** baresip connects from nowhere else. */
const ADDRESS = '127.0.0.1';
const MACS = { ann: '001565ab0001', bob: '000413ab0002', app: '020000ab0003', otherApp: '020000ab0004' };

describe('Over TLS, with encrypted media', function () {
  this.timeout(60_000);
  let product: Product;
  let ann: Phone;
  let bob: Phone;
  const phones: Phone[] = [];

  async function boot(options: Pick<PhoneOptions, 'family' | 'mac'>): Promise<Phone> {
    const phone = await bootPhone({ ...options, address: ADDRESS, provisioningUrl: product.url });
    phones.push(phone);
    return phone;
  }

  before(async () => {
    product = await startProduct({ SELFPROV_SIP_TRANSPORT: 'tls' });
    await product.cli('line-template', 'set', 'Default', '--srtp', 'on');
    await product.cli('tenant', 'set', '--new-phones-line', 'Default');
  });
  after(async () => {
    await Promise.all(phones.map((phone) => phone.close()));
    await product.close();
  });

  /** The transports that its SIP has gone by. */
  const transports = ({ messages }: Phone): readonly string[] => [
    ...new Set(messages.map(({ transport }) => transport)),
  ];
  /** The `m=` lines that it has offered or answered, or been offered or answered, in every call. */
  const media = ({ messages }: Phone): readonly string[] => [
    ...new Set(messages.flatMap(({ body }) => /^m=audio \d+ (\S+)/m.exec(body)?.[1] ?? [])),
  ];
  const keysSent = ({ messages }: Phone): number =>
    messages.filter(({ body }) => /^a=crypto:\d+ AES_CM_128_HMAC_SHA1_(80|32) inline:/m.test(body)).length;

  it('a new phone is told of the authority, and registers with a default line of its own', async () => {
    ann = await boot({ family: 'yealink', mac: MACS.ann });
    const line = await ann.registered();
    expect(line).to.include({ transport: 'tls', port: product.sipPort + 1, srtp: 'required' });
    expect(ann.reading.authorityUrl).to.equal(`${product.url}ca.crt`);
    expect(transports(ann)).to.deep.equal(['TLS']);
  });

  it('its user hears what is asked, keys extension and PIN, and it comes back as the user’s', async () => {
    const pin = await product.addUser('1500', 'Ann Lee');
    const call = await ann.dial('*55');
    await call.established();
    await call.hearsSound();
    await ann.press(`1500#${pin}#1`);
    await call.ended(30_000);
    const notify = await ann.notified();
    expect(notify).to.include({ event: 'check-sync;reboot=false', transport: 'TLS' });
    await ann.registered({ as: '1500', limit: 20_000 });
    await waitFor(async () => (await product.steps(MACS.ann)).at(-1) === 'done', { what: 'the end of the hand-over' });
  });

  it('two phones of users call each other, with sound both ways and never a word in clear', async () => {
    const pin = await product.addUser('1501', 'Bob Ray');
    bob = await boot({ family: 'snom', mac: MACS.bob });
    await bob.registered();
    await callAndKey(bob, '*55', `1501#${pin}#1`);
    await bob.registered({ as: '1501', limit: 30_000 });

    const outgoing = await ann.dial('1501');
    const incoming = await bob.rings();
    await incoming.answer();
    await outgoing.established();
    await outgoing.hearsTone(bob.tone);
    await incoming.hearsTone(ann.tone);
    await outgoing.hangUp();
    await incoming.ended();
    for (const phone of [ann, bob]) {
      expect(transports(phone)).to.deep.equal(['TLS']);
      expect(media(phone)).to.deep.equal(['RTP/SAVP']);
      // Both sides name a key in each of the two calls.
      expect(keysSent(phone)).to.be.at.least(4);
    }
  });

  it('what Asterisk sends for such a line cannot be listened to on the wire', async () => {
    const socket = createSocket('udp4').bind(0, ADDRESS).unref();
    await once(socket, 'listening');
    const packets: Buffer[] = [];
    socket.on('message', (packet) => packets.push(packet));
    const key = randomBytes(30).toString('base64');
    const offer = [`m=audio ${socket.address().port} RTP/SAVP 0`, `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${key}`];
    const calling = rawCall({ ...accountOf(ann), number: '1501', media: offer });
    const incoming = await bob.rings();
    await incoming.answer();
    const call = await calling;
    expect(call.status).to.equal(200);
    await waitFor(() => packets.length >= 60, { what: 'a second of sound' });
    await call.hangUp();
    await incoming.ended();
    socket.close();
    // 12 of header, 160 of sound, 10 that prove who has sent it.
    const sound = packets.filter(({ length }) => length === 12 + 160 + 10).slice(-50);
    expect(sound).to.have.length(50);
    const samples = Buffer.concat(sound.map((packet) => packet.subarray(12, 172)));
    expect(share([...samples].map(linearOf), bob.tone)).to.be.below(0.1);
  });

  it('a call without encryption is refused, whatever it comes by', async () => {
    const call = await rawCall({ ...accountOf(ann), number: '1501' });
    call.close();
    expect(call.status).to.equal(488);
  });

  it('the administrator takes a phone back: it returns to a default line, and no registration is left', async () => {
    await product.cli('device', 'release', MACS.ann);
    await ann.registered({ as: `phone-${MACS.ann}`, limit: 20_000 });
    const call = await bob.dial('1500');
    expect(await call.ended()).to.include({ wasEstablished: false });
    expect(await product.console('pjsip show contacts')).not.to.contain('1500/sip:');
    expect(transports(ann)).to.deep.equal(['TLS']);
  });

  describe('a real Linphone', () => {
    let app: Linphone;
    afterEach(() => app.remove());

    async function start(mac: string, certificates: string): Promise<void> {
      const authority = await readFile(ownAuthorityFile(certificates), 'utf8');
      app = await installLinphone(`${product.url}linphone.xml?mac=${mac}`, authority);
      await app.open();
    }

    it('that believes our authority registers and calls', async () => {
      await start(MACS.app, join(dirname(product.database), 'tls'));
      await waitFor(async () => (await product.steps(MACS.app)).includes('registered'), { what: 'its registration' });
      await app.dial('*55');
    });

    it('that believes another authority hangs up before it has said a word', async () => {
      const other = await mkdtemp(join(tmpdir(), 'selfprov-other-'));
      await ownCertificate(other, ADDRESS, Date.now());
      await start(MACS.otherApp, other);
      await rm(other, { recursive: true });
      const log = join(dirname(product.asteriskFiles), 'log/messages.log');
      await waitFor(async () => (await readFile(log, 'utf8')).includes('alert unknown ca'), { what: 'its refusal' });
      expect(await product.steps(MACS.otherApp)).to.deep.equal(['enrolled']);
    });
  });

  function accountOf({
    reading,
  }: Phone): Pick<Parameters<typeof rawCall>[0], 'sipPort' | 'user' | 'authName' | 'password'> {
    const line = reading.lines.find(({ user }) => user === '1500');
    if (line === undefined) throw new Error('the phone has no line of its user');
    return { sipPort: product.sipPort, user: line.user, authName: line.authUser, password: line.password };
  }
});

describe('A line that goes over to TLS while its phone is registered', function () {
  this.timeout(60_000);
  const mac = '001565ab0005';
  let product: Product;
  let phone: Phone;

  before(async () => {
    product = await startProduct();
    const pin = await product.addUser('1500', 'Ann Lee');
    phone = await bootPhone({ family: 'yealink', mac, address: ADDRESS, provisioningUrl: product.url });
    await phone.registered();
    await callAndKey(phone, '*55', `1500#${pin}#1`);
    await phone.registered({ as: '1500', limit: 30_000 });
    await waitFor(async () => (await product.steps(mac)).at(-1) === 'done', { what: 'the end of the hand-over' });
  });
  after(async () => {
    await phone.close();
    await product.close();
  });

  it('works on over UDP until the phone fetches, and over TLS from then on', async () => {
    await product.cli('line-template', 'set', 'Default', '--transport', 'tls');
    const before = await phone.dial('*56');
    await before.established();
    await before.hangUp();
    await phone.reboot();
    expect(await phone.registered({ as: '1500' })).to.include({ transport: 'tls' });
    const after = await phone.dial('*56');
    await after.established();
    await after.hangUp();
  });

  it('is released with both of its registrations', async () => {
    await product.cli('device', 'release', mac);
    await phone.registered({ as: `phone-${mac}`, limit: 20_000 });
    await waitFor(async () => (await product.steps(mac)).at(-1) === 'done', { what: 'the end of the hand-over' });
    const contacts = await product.console('pjsip show contacts');
    expect(contacts).to.contain(`phone-${mac}`).and.not.to.contain('1500/sip:');
  });
});

/** G.711 µ-law (ITU-T G.711), from -1 to 1. */
function linearOf(byte: number): number {
  const bits = ~byte;
  const size = (((bits & 0x0f) << 3) + 0x84) << ((bits & 0x70) >> 4);
  return ((bits & 0x80) === 0 ? size - 0x84 : 0x84 - size) / 0x8000;
}
