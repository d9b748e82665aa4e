import { expect } from 'chai';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { callAndKey } from '../support/callAndKey.ts';
import { bootPhone } from '../../src/virtualPhone/phone.ts';
import type { Phone } from '../../src/virtualPhone/phoneTypes.ts';
import { startProduct, type Product } from '../support/product.ts';

const MACS = { ann: '001565aa0e01', bob: '000413aa0e02' } as const;

describe('After a disaster', function () {
  this.timeout(90_000);
  let product: Product;
  let folder: string;
  let ann: Phone;
  let bob: Phone;

  before(async () => {
    product = await startProduct();
    folder = mkdtempSync(join(tmpdir(), 'selfprov-disaster-'));
    ann = await bootPhone({ family: 'yealink', mac: MACS.ann, provisioningUrl: product.url });
    bob = await bootPhone({ family: 'snom', mac: MACS.bob, provisioningUrl: product.url });
    for (const [phone, extension] of [
      [ann, '1500'],
      [bob, '1501'],
    ] as const) {
      const pin = await product.addUser(extension, 'One of us');
      await phone.registered();
      await callAndKey(phone, '*55', `${extension}#${pin}#1`);
      await phone.registered({ as: extension, limit: 30_000 });
    }
  });
  after(async () => {
    await ann.close();
    await bob.close();
    await product.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('phones that were registered before are registered again from the backup alone, and call each other', async () => {
    const file = join(folder, 'selfprov.tar');
    await product.cli('backup', file);
    await product.stop('SIGKILL');
    await product.killAsterisk();
    const directory = dirname(product.database);
    for (const name of readdirSync(directory)) rmSync(join(directory, name), { recursive: true });

    const restored = await product.cli<{ readonly restored: boolean }>('restore', file, '--yes');
    expect(restored).to.include({ restored: true });
    await product.startAsterisk();
    await product.start();
    for (const [phone, extension] of [
      [ann, '1500'],
      [bob, '1501'],
    ] as const) {
      await phone.reboot();
      await phone.registered({ as: extension });
    }
    const call = await ann.dial('1501');
    const heard = await bob.rings();
    await heard.answer();
    await call.established();
    await call.hearsSound();
    await call.hangUp();
  });
});
