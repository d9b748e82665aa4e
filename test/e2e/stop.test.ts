import { expect } from 'chai';
import { callAndKey } from '../support/callAndKey.ts';
import type { Call } from '../../src/virtualPhone/call.ts';
import { bootPhone } from '../../src/virtualPhone/phone.ts';
import type { Phone } from '../../src/virtualPhone/phoneTypes.ts';
import { startProduct, type Product } from '../support/product.ts';
import { waitFor } from '../support/wait.ts';

const PROMPT_MS = 3000;

describe('selfprov that is told to stop', function () {
  this.timeout(60_000);
  let product: Product;
  let phone: Phone;

  beforeEach(async () => {
    product = await startProduct();
    phone = await bootPhone({ family: 'yealink', mac: '001565cc0001', provisioningUrl: product.url });
    await phone.registered();
  });
  afterEach(async () => {
    product.asterisk().kill('SIGCONT');
    await phone.close();
    await product.close();
  });

  /** A call that is still up, with a hand-over that Asterisk is to be asked for. */
  async function inHandOver(): Promise<Call> {
    const pin = await product.addUser('1500', 'Ann Lee');
    const call = await callAndKey(phone, '*55', `1500#${pin}#1`);
    const accepted = async (): Promise<boolean> => (await product.log()).some(({ step }) => step === 'accepted');
    await waitFor(accepted, { what: 'the acceptance', limit: 20_000 });
    return call;
  }

  async function stops(): Promise<void> {
    const began = performance.now();
    await product.stop('SIGTERM');
    expect(performance.now() - began).to.be.lessThan(PROMPT_MS);
  }

  it('hangs up the calls that are up', async () => {
    const call = await inHandOver();
    await stops();
    await call.ended();
  });

  it('does not wait for an Asterisk that is dead', async () => {
    await inHandOver();
    await product.killAsterisk();
    const isDown = (line: Readonly<Record<string, unknown>>): boolean =>
      line['level'] === 'warn' && line['link'] === 'AMI';
    await waitFor(async () => (await product.log()).some(isDown), { what: 'the warning that Asterisk is away' });
    await stops();
    await product.startAsterisk();
  });

  it('does not wait for an Asterisk that is frozen', async () => {
    await inHandOver();
    product.asterisk().kill('SIGSTOP');
    await stops();
  });
});
