import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { callAndKey } from '../support/callAndKey.ts';
import { bootPhone } from '../../src/virtualPhone/phone.ts';
import type { Phone } from '../../src/virtualPhone/phoneTypes.ts';
import { startProduct, type Product } from '../support/product.ts';
import { waitFor } from '../support/wait.ts';

const SECONDS = 3000;

describe('Lamps and queues', function () {
  this.timeout(60_000);
  let product: Product;
  let phones: Phone[] = [];
  let ann: string;

  before(async () => {
    product = await startProduct();
    ann = await product.addUser('1500', 'Ann Lee');
    // Both are there before anybody has a phone, as an administrator has them.
    await writeFile(join(product.asteriskFiles, 'queues.conf'), '[general]\n[desk]\nmember => PJSIP/1500\n');
    for (const module of ['res_musiconhold', 'app_queue']) await product.console(`module load ${module}.so`);
    await product.console('dialplan add extension 1500,hint,PJSIP/1500 into users');
  });
  after(async () => {
    for (const phone of phones) await phone.close();
    await product.close();
  });

  async function assigned(mac: string, pin: string): Promise<Phone> {
    const phone = await bootPhone({ family: 'yealink', mac, provisioningUrl: product.url });
    phones.push(phone);
    await phone.registered();
    await callAndKey(phone, '*55', `1500#${pin}#1`);
    await phone.registered({ as: '1500', limit: 30_000 });
    await waitFor(async () => (await product.steps(mac)).at(-1) === 'done', { what: 'the end of the hand-over' });
    return phone;
  }

  async function shown(): Promise<{ readonly hint: string | undefined; readonly queue: string | undefined }> {
    const [hints, queue] = [await product.console('core show hints'), await product.console('queue show desk')];
    return {
      hint: /1500@users .*State:(\S+)/.exec(hints)?.[1],
      queue: /PJSIP\/1500.*\((Not in use|In use|Unavailable|Invalid|Unknown)\)/.exec(queue)?.[1],
    };
  }
  async function show(hint: string, queue: string): Promise<void> {
    let last: unknown;
    await waitFor(
      async () => {
        const now = (last = await shown());
        return now.hint === hint && now.queue === queue;
      },
      { what: () => `${hint} and ${queue}, but ${JSON.stringify(last)}`, limit: SECONDS, every: 100 },
    );
  }

  it('show a user who had no phone when Asterisk started as free once the phone is theirs', async () => {
    expect((await shown()).hint).to.equal('Unavailable');
    await assigned('001565aa0011', ann);
    await show('Idle', 'Not in use');
  });

  // For the queue a user without a phone is nobody: there is no endpoint then.
  it('show the user as gone once the phone is taken back', async () => {
    await product.cli('device', 'release', '001565aa0011');
    await phones[0]?.registered({ as: 'phone-001565aa0011', limit: 20_000 });
    await show('Unavailable', 'Invalid');
  });

  it('show the user as free again with another phone', async () => {
    await assigned('001565aa0012', ann);
    await show('Idle', 'Not in use');
  });

  it('go on telling after PJSIP was loaded again while the user had no phone', async () => {
    await product.cli('device', 'release', '001565aa0012');
    await show('Unavailable', 'Invalid');
    await product.console('module reload res_pjsip.so');
    await assigned('001565aa0013', ann);
    await show('Idle', 'Not in use');
  });

  it('ask no phone with OPTIONS for it', () => {
    const asked = phones.flatMap(({ messages }) => messages.filter(({ method }) => method === 'OPTIONS'));
    expect(asked).to.deep.equal([]);
  });
});
