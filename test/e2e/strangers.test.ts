import { expect } from 'chai';
import { formatMac } from '../../src/domain/mac.ts';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { callAndKey } from '../support/callAndKey.ts';
import { freePort } from '../support/freePorts.ts';
import { fetchAs } from '../../src/virtualPhone/fetchAs.ts';
import { ownAddress } from '../../src/virtualPhone/loopback.ts';
import { bootPhone } from '../../src/virtualPhone/phone.ts';
import type { Phone, PhoneOptions } from '../../src/virtualPhone/phoneTypes.ts';
import { startProduct, type Product } from '../support/product.ts';
import type { LineReading } from '../../src/virtualPhone/readers/reading.ts';
import { registeringPhone } from '../../src/virtualPhone/registeringPhone.ts';
import { readRequest } from '../../src/virtualPhone/tftpClient.ts';
import { timeLine } from '../support/timeLine.ts';
import { waitFor, within } from '../support/wait.ts';

interface Shown {
  readonly mac: string;
  readonly state: string;
  readonly extension: string | null;
  readonly lines: readonly { readonly account: string }[];
  readonly note: string | null;
}

interface User {
  readonly extension: string;
  readonly keys: string;
}

describe('Strangers who ask for a phone’s file get nothing of it, and take nothing from it', function () {
  this.timeout(90_000);
  let product: Product;
  let tftpPort: number;
  const phones: Phone[] = [];
  let macs = 0;
  let users = 0;

  before(async () => {
    tftpPort = await freePort();
    product = await startProduct({ SELFPROV_HAND_OVER_PAUSES: '3,3,3', SELFPROV_TFTP_PORT: String(tftpPort) });
  });
  afterEach(async () => {
    await Promise.all(phones.splice(0).map((phone) => phone.close()));
  });
  after(() => product.close());

  const show = (mac: string): Promise<Shown> => product.cli<Shown>('device', 'show', mac);
  const steps = (mac: string): readonly string[] => timeLine(product.database, mac).map(({ step }) => step);
  const happened = (mac: string, step: string, often = 1): Promise<boolean> =>
    waitFor(() => steps(mac).filter((each) => each === step).length >= often, {
      what: () => `"${step}" of ${mac}, of which is known: ${steps(mac).join(' ')}`,
      limit: 30_000,
    });

  function newMac(): string {
    macs++;
    return `001565fa${String(macs).padStart(4, '0')}`;
  }

  async function addUser(): Promise<User> {
    users++;
    const extension = String(1600 + users);
    return { extension, keys: `${extension}#${await product.addUser(extension, 'Ann Lee')}#1` };
  }

  /** From an address of its own, as everybody here. */
  async function boot(mac: string, habits: PhoneOptions['habits'] = {}): Promise<Phone> {
    const phone = await bootPhone({ family: 'yealink', mac, provisioningUrl: product.url, habits });
    phones.push(phone);
    return phone;
  }

  function lineOf({ reading, mac }: Phone): LineReading {
    const [line] = reading.lines;
    if (line === undefined) throw new Error(`${mac} has read no line`);
    return line;
  }

  async function handOver(phone: Phone, { extension, keys }: User): Promise<void> {
    const times = (step: string): number => steps(phone.mac).filter((each) => each === step).length;
    const [accepted, done] = [times('accepted'), times('done')];
    await callAndKey(phone, '*55', keys);
    await happened(phone.mac, 'accepted', accepted + 1);
    await phone.hangUp();
    await phone.registered({ as: extension, limit: 40_000 });
    await happened(phone.mac, 'done', done + 1);
  }

  /** Asks from an address of its own, or from that of a phone. */
  async function ask(url: string, { mac }: { mac: string }, address = ownAddress(), method?: 'HEAD') {
    const name = `Yealink SIP-T46U 108.86.0.20 ${mac.replace(/(..)(?=.)/g, '$1:')}`;
    return fetchAs({ address, userAgent: name }, `${url}${mac}.cfg`, method);
  }

  /** Answer of Asterisk to a REGISTER with this line's credential. */
  async function registers(line: LineReading, address: string): Promise<number> {
    const account = { aor: line.user, authName: line.authUser, password: line.password };
    const raw = await registeringPhone({ sipPort: line.port, ...account, address });
    try {
      return await raw.register(60);
    } finally {
      raw.close();
    }
  }

  /** Asks by TFTP, gets the first block, and is never heard of again. */
  async function askByTftp(mac: string): Promise<string> {
    const socket = createSocket('udp4').bind(0, ownAddress());
    await once(socket, 'listening');
    try {
      socket.send(readRequest({ name: `${mac}.cfg` }), tftpPort, '127.0.0.1');
      const [block] = (await within(once(socket, 'message'), { what: 'the first block' })) as [Buffer];
      return block.toString('utf8', 4);
    } finally {
      socket.close();
    }
  }

  it('who asks while the phone is in its call gets a line of its own, and keeps nothing of it', async () => {
    const user = await addUser();
    const phone = await boot(newMac());
    const own = await phone.registered();
    const call = await phone.dial('*55');
    await call.established();
    await call.hearsSound();

    const stranger = await boot(phone.mac, { register: false });
    const line = lineOf(stranger);
    expect(line.user).to.not.equal(own.user);
    expect(line.password).to.not.equal(own.password);
    expect(stranger.deliveryUrl).to.not.equal(phone.deliveryUrl);
    expect(await registers(line, stranger.address)).to.equal(200);
    expect((await ask(stranger.deliveryUrl, phone, stranger.address)).status).to.equal(200);

    await phone.press(user.keys);
    await happened(phone.mac, 'accepted');
    expect((await ask(stranger.deliveryUrl, phone, stranger.address)).status).to.equal(404);
    expect((await ask(product.url, phone, stranger.address)).status).to.equal(404);
    await phone.registered({ as: user.extension, limit: 30_000 });
    await happened(phone.mac, 'done');
    expect(await registers(line, stranger.address)).to.equal(401);
    expect((await ask(stranger.deliveryUrl, phone, stranger.address)).status).to.equal(404);
    const { lines, ...shown } = await show(phone.mac);
    expect(shown).to.include({ state: 'assigned', extension: user.extension });
    expect(lines.map(({ account }) => account)).to.deep.equal([lineOf(phone).authUser]);
  });

  it('who is there first, registers and calls, does not keep the true phone from being set up', async () => {
    const [user, other] = [await addUser(), await addUser()];
    const squatter = await boot(newMac());
    const taken = await squatter.registered();
    const call = await squatter.dial('*55');
    await call.established();

    const phone = await boot(squatter.mac);
    expect((await phone.registered()).user).to.not.equal(taken.user);
    await handOver(phone, user);

    // It is still in the call that it has held, and knows another user's PIN.
    await squatter.press(other.keys);
    await happened(phone.mac, 'refused');
    expect(await show(phone.mac)).to.include({ state: 'assigned', extension: user.extension });
    expect((await ask(squatter.deliveryUrl, phone, squatter.address)).status).to.equal(404);
    expect(await registers(taken, squatter.address)).to.equal(401);
    expect(squatter.messages.some(({ method }) => method === 'NOTIFY')).to.equal(false);
    await phone.registerAgain();
    await phone.registered({ as: user.extension });
  });

  it('who asks between a phone’s fetch and its REGISTER, by GET, HEAD and TFTP, keeps it from nothing', async () => {
    const user = await addUser();
    const phone = await boot(newMac(), { register: false });
    const intrude = async (): Promise<readonly number[]> => [
      (await ask(product.url, phone)).status,
      (await ask(product.url, phone, ownAddress(), 'HEAD')).status,
    ];
    expect(await intrude()).to.deep.equal([200, 200]);
    expect(await askByTftp(phone.mac)).to.match(/^#!version/);
    phone.habits.register = true;
    await phone.registerAgain();
    const own = await phone.registered();

    phone.habits.register = false;
    await callAndKey(phone, '*55', user.keys);
    await happened(phone.mac, 'fetched');
    expect(await intrude()).to.deep.equal([404, 404]);
    expect(await askByTftp(phone.mac)).to.match(/not found/i);
    phone.habits.register = true;
    await phone.registerAgain();
    const line = await phone.registered({ as: user.extension });
    expect(line.password).to.not.equal(own.password);
    await happened(phone.mac, 'done');
  });

  it('who has a token of yesterday gets nothing of today: neither that of a default line nor that of the user before', async () => {
    const [ann, bob] = [await addUser(), await addUser()];
    const phone = await boot(newMac());
    await phone.registered();
    const ofDefault = phone.deliveryUrl;
    await handOver(phone, ann);
    const ofAnn = phone.deliveryUrl;
    expect(ofAnn).to.not.equal(ofDefault);
    for (const address of [ownAddress(), phone.address])
      expect((await ask(ofDefault, phone, address)).status).to.equal(404);
    const annsFile = await ask(ofAnn, phone, phone.address);
    expect(annsFile.body).to.contain(ann.extension);

    await product.cli('device', 'release', phone.mac);
    await phone.registered({ as: `phone-${phone.mac}`, limit: 20_000 });
    await happened(phone.mac, 'done', 2);
    const between = await ask(ofAnn, phone);
    expect(between.body).to.not.contain(lineOf(phone).password);
    await handOver(phone, bob);
    for (const address of [ownAddress(), phone.address]) {
      const got = await ask(ofAnn, phone, address);
      expect(got.status).to.equal(404);
      expect(got.body).to.not.contain(bob.extension);
    }
    expect((await ask(phone.deliveryUrl, phone, phone.address)).body).to.contain(bob.extension);
  });

  it('who shows no proof for an assigned phone is noted once, and once who asks from where the phone is, with what an administrator can do', async () => {
    const user = await addUser();
    const phone = await boot(newMac());
    await phone.registered();
    await handOver(phone, user);
    const stranger = ownAddress();
    for (let i = 0; i < 5; i++) expect((await ask(product.url, phone, stranger)).status).to.equal(404);
    expect((await ask(product.url, phone)).status).to.equal(404);
    const turnedAway = () => steps(phone.mac).filter((step) => step === 'turned_away');
    expect(turnedAway()).to.have.length(1);
    // The phone itself may have been reset, whoever else has asked before.
    for (let i = 0; i < 2; i++) expect((await ask(product.url, phone, phone.address)).status).to.equal(404);
    expect(turnedAway()).to.have.length(2);

    const listed = (await product.cli<readonly Shown[]>('device', 'list')).find(({ mac }) => mac === phone.mac);
    expect(listed?.note)
      .to.contain(phone.address)
      .and.to.contain(`selfprov device release ${formatMac(phone.mac)}`);
    expect(await show(phone.mac)).to.include({ state: 'assigned', extension: user.extension });
    await phone.reboot();
    await phone.registered({ as: user.extension });
  });
});
