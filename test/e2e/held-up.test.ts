import { expect } from 'chai';
import Database from 'better-sqlite3';
import { startProduct, type Product } from '../support/product.ts';
import { rawCall } from '../support/rawCall.ts';
import { registeringPhone } from '../../src/virtualPhone/registeringPhone.ts';
import { waitFor, within } from '../support/wait.ts';

const MAC = '001565aa0021';
const PHONE = { 'user-agent': 'Yealink SIP-T46S 66.86.0.15' };

/** A backup that locks the database for a dozen seconds, just when selfprov is started again. */
describe('When the database is locked while selfprov looks who is registered', function () {
  this.timeout(120_000);
  let product: Product;
  before(async () => {
    product = await startProduct({ SELFPROV_HAND_OVER_PAUSES: '2,2,2,2,2' });
  });
  after(() => product.close());

  it('a phone that is set up a moment later is told, and need not wait for the next comparison', async () => {
    const pin = await product.addUser('1500', 'Ann Lee');
    const file = await (await fetch(`${product.url}${MAC}.cfg`, { headers: PHONE })).text();
    const value = (name: string): string => new RegExp(`^account\\.1\\.${name} = (.+)$`, 'm').exec(file)?.[1] ?? '';
    const [user, authName, password] = [value('user_name'), value('auth_name'), value('password')];
    await product.stop('SIGKILL');
    const phone = await registeringPhone({ sipPort: product.sipPort, aor: user, authName, password });
    expect(await phone.register(600)).to.equal(200);

    const backup = new Database(product.database);
    backup.exec('BEGIN IMMEDIATE');
    await product.start();
    // Who wants to write waits for seconds and is turned away then, whoever looks at registrations too.
    const refused = await fetch(`${product.url}001565aa0022.cfg`, { headers: PHONE });
    expect(refused.status).to.be.greaterThan(499);
    backup.exec('COMMIT');
    backup.close();

    const call = await rawCall({ sipPort: product.sipPort, user, authName, password, number: '*55' });
    await call.press(`1500#${pin}#1`);
    await waitFor(async () => (await product.steps(MAC)).includes('accepted'), { what: 'acceptance', limit: 20_000 });
    await call.hangUp();
    expect(await within(phone.request(), { what: 'check-sync', limit: 30_000 })).to.match(/^NOTIFY /);
    phone.close();
  });
});
