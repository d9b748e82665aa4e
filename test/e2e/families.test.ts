import { expect } from 'chai';
import type { FamilyName } from '../../src/virtualPhone/families/families.ts';
import { callAndKey } from '../support/callAndKey.ts';
import { bootPhone } from '../../src/virtualPhone/phone.ts';
import type { Phone } from '../../src/virtualPhone/phoneTypes.ts';
import { startProduct, type Product } from '../support/product.ts';

/** Family → a MAC of its maker, and the event that makes it fetch again. */
const FAMILIES: Readonly<Partial<Record<FamilyName, readonly [mac: string, event: string]>>> = {
  yealink: ['001565cc0001', 'check-sync;reboot=false'],
  snom: ['000413cc0001', 'check-sync;reboot=false'],
  poly: ['0004f2cc0001', 'check-sync'],
  fanvil: ['0c383ecc0001', 'check-sync'],
  spa: ['000e08cc0001', 'resync'],
  grandstream: ['000b82cc0001', 'check-sync'],
};

/** The phones of an office, all set up at the same time: what each one reads is read by a reader of its own. */
describe('A phone of each family is handed over to its user', function () {
  this.timeout(90_000);
  let product: Product;
  const phones = new Map<string, Phone>();
  const stories = new Map<string, Promise<void>>();

  before(async () => {
    product = await startProduct();
    for (const [i, [family, [mac]]] of Object.entries(FAMILIES).entries()) {
      const extension = `18${i}0`;
      const pin = await product.addUser(extension, `User of ${family}`);
      const story = tell(family as FamilyName, mac, extension, pin);
      story.catch(() => undefined);
      stories.set(family, story);
    }
  });
  after(async () => {
    await Promise.all([...phones.values()].map((phone) => phone.close()));
    await product.close();
  });

  async function tell(family: FamilyName, mac: string, extension: string, pin: string): Promise<void> {
    const phone = await bootPhone({ family, mac, provisioningUrl: product.url });
    phones.set(family, phone);
    await phone.registered({ as: `phone-${mac}` });
    expect(phone.reading.keys.map(({ value }) => value)).to.include('*55');
    await callAndKey(phone, '*55', `${extension}#${pin}#1`);
    expect((await phone.notified(40_000)).event).to.equal(FAMILIES[family]?.[1]);
    await phone.registered({ as: extension, limit: 20_000 });
    const [line] = phone.reading.lines;
    expect(line).to.include({ user: extension, authUser: `${extension}-${mac}`, displayName: `User of ${family}` });
  }

  for (const family of Object.keys(FAMILIES)) {
    it(family, async () => {
      await stories.get(family);
    });
  }
});
