import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { expect } from 'chai';
import { bootPhone } from '../../src/virtualPhone/phone.ts';
import type { Phone } from '../../src/virtualPhone/phoneTypes.ts';
import { startProduct, type Product } from '../support/product.ts';
import { rawCall } from '../support/rawCall.ts';
import { waitFor } from '../support/wait.ts';

const MAC = '001565aa0021';
const THIRD = '127.0.0.77';

describe('A caller who writes a third host into the call', function () {
  this.timeout(60_000);
  let product: Product;
  let phone: Phone;
  let third: Socket;
  const strayed: string[] = [];

  before(async () => {
    product = await startProduct({ SELFPROV_HAND_OVER_PAUSES: '1,1,1' });
    third = createSocket('udp4').bind(0, THIRD);
    await once(third, 'listening');
    third.on('message', (data) => strayed.push(data.toString()));
  });
  after(async () => {
    third.close();
    await phone.close();
    await product.close();
  });

  it('has the phone told that is registered, and Asterisk sends nothing to the third host', async () => {
    const pin = await product.addUser('1500', 'Ann Lee');
    phone = await bootPhone({
      family: 'yealink',
      mac: MAC,
      provisioningUrl: product.url,
      habits: { obeyCheckSync: false },
    });
    const { user, authUser: authName, password } = await phone.registered();
    const aim = `${THIRD}:${third.address().port}`;
    const call = await rawCall({
      ...{ sipPort: product.sipPort, user, authName, password, number: '*55' },
      contact: `sip:${user}@${aim}`,
      recordRoute: `<sip:${aim};lr>`,
    });
    expect(call.status).to.equal(200);
    await call.press(`1500#${pin}#1`);
    await waitFor(async () => (await product.steps(MAC)).includes('accepted'), {
      what: 'the acceptance',
      limit: 20_000,
    });
    const notify = await phone.notified(15_000);
    expect(notify.event).to.match(/^check-sync/);
    // All check-syncs that there will be.
    await waitFor(async () => (await product.steps(MAC)).includes('failed'), {
      what: 'the last of them',
      limit: 20_000,
    });
    expect((await product.steps(MAC)).filter((step) => step === 'notified')).to.have.length(3);
    expect(strayed).to.deep.equal([]);
    call.close();
  });
});
