import { expect } from 'chai';
import { bootPhone } from '../../src/virtualPhone/phone.ts';
import { callAndKey } from '../support/callAndKey.ts';
import { startProduct, type Product } from '../support/product.ts';
import { rawCall, type RawCall } from '../support/rawCall.ts';
import { registeringPhone } from '../../src/virtualPhone/registeringPhone.ts';

describe('Somebody who has the credentials of a default line', function () {
  this.timeout(60_000);
  let product: Product;

  before(async () => {
    product = await startProduct();
  });
  after(() => product.close());

  it('does not get the check-sync in place of the phone that called, by registering in between', async () => {
    const pin = await product.addUser('1500', 'Ann Lee');
    const phone = await bootPhone({ family: 'snom', mac: '000413ad0001', provisioningUrl: product.url });
    const { user, authUser, password } = await phone.registered();
    const { sipPort } = product;
    const other = await registeringPhone({ sipPort, aor: user, authName: authUser, password, address: '127.0.0.99' });
    try {
      expect(await other.register(600)).to.equal(200);
      const call = await callAndKey(phone, '*55', `1500#${pin}#1`);
      await call.ended(30_000);
      await phone.notified();
      await phone.registered({ as: '1500' });
    } finally {
      other.close();
      await phone.close();
    }
  });

  it('cannot hold more than a few emergency calls at a time', async () => {
    const phone = await bootPhone({ family: 'snom', mac: '000413ad0002', provisioningUrl: product.url });
    const { user, authUser: authName, password } = await phone.registered();
    const calls: RawCall[] = [];
    try {
      for (let i = 0; i < 10; i++)
        calls.push(await rawCall({ sipPort: product.sipPort, user, authName, password, number: '112' }));
      expect(calls[0]?.status).to.equal(200);
      expect(calls.filter(({ status }) => status === 200).length).to.equal(5);
    } finally {
      for (const call of calls) call.close();
      await phone.close();
    }
  });
});
