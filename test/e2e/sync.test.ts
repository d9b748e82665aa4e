import { expect } from 'chai';
import { bootPhone } from '../../src/virtualPhone/phone.ts';
import type { Phone } from '../../src/virtualPhone/phoneTypes.ts';
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
});
