import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { callAndKey } from '../support/callAndKey.ts';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { bootPhone } from '../../src/virtualPhone/phone.ts';
import type { Phone } from '../../src/virtualPhone/phoneTypes.ts';
import { startProduct, type Product } from '../support/product.ts';

const MAC = '001565ab0001';
const LOST = '001565ab0002';
const PASSWORD = 'correct horse battery';

describe('An administrator with a browser, beside a real Asterisk', function () {
  this.timeout(60_000);
  let product: Product;
  let browser: TestBrowser;
  let page: Page;
  const phones: Phone[] = [];

  before(async () => {
    product = await startProduct({ SELFPROV_HAND_OVER_PAUSES: '2,2', SELFPROV_REGISTER_WITHIN: '4' });
    browser = await startBrowser();
  });
  after(async () => {
    for (const phone of phones) await phone.close();
    await browser.close();
    await product.close();
  });
  afterEach(() => expect(browser.complaints).to.deep.equal([]));

  const boot = async (mac: string): Promise<Phone> => {
    const phone = await bootPhone({ family: 'yealink', mac, provisioningUrl: product.url });
    phones.push(phone);
    await phone.registered();
    return phone;
  };
  async function addUser(extension: string, name: string): Promise<string> {
    await page.goto(`${product.adminUrl}/t/default/users`);
    const form = page.locator('form[action="/do/addUser"]');
    if (!(await form.isVisible())) await page.getByText('Add a user').click();
    await page.getByLabel('Extension', { exact: true }).fill(extension);
    await page.getByLabel('Name', { exact: true }).fill(name);
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    return (await page.locator('.made div', { hasText: 'PIN' }).locator('code').textContent()) ?? '';
  }

  it('chooses a password by the link that the command prints, and sees that all is well', async () => {
    const { link } = await product.cli<{ link: string }>('administrator', 'add', 'ann');
    page = await browser.open(link);
    await page.getByLabel(/^Password/).fill(PASSWORD);
    await page.getByRole('button', { name: 'Have this password' }).click();
    await page.getByText('No phone waits for somebody to set it up.').waitFor();
    expect(await page.locator('.health .bad').count()).to.equal(0);
  });

  it('watches a phone being set up, step by step, without a reload', async () => {
    const pin = await addUser('1500', 'Ann Lee');
    const phone = await boot(MAC);
    await page.goto(product.adminUrl);
    await page.getByRole('link', { name: '00:15:65:ab:00:01' }).waitFor();
    // Whoever has seen a step shows the next one: what is seen here came by itself.
    await page.evaluate('window.isTheSame = true');
    const call = await callAndKey(phone, '*55', `1500#${pin}#1`);
    await page.locator('.hand-over', { hasText: '1500' }).locator('.passed', { hasText: 'accepted' }).waitFor();
    await call.ended(30_000);
    await phone.registered({ as: '1500' });
    await page.locator('.counts a', { hasText: 'registered' }).locator('strong', { hasText: '1' }).waitFor();
    await page.getByText('No phone is being set up at the moment.').waitFor();
    expect(await page.evaluate('window.isTheSame')).to.equal(true);
    await page.goto(`${product.adminUrl}/t/default/devices/${MAC}`);
    const line = await page.locator('#time-line-list').textContent();
    for (const step of ['enrolled', 'called', 'accepted', 'notified', 'fetched', 'registered', 'done'])
      expect(line).to.contain(step);
  });

  it('hears in words of a phone that has not come back, with what mends it', async () => {
    const pin = await addUser('1501', 'Bob Ray');
    const phone = await boot(LOST);
    const call = await callAndKey(phone, '*55', `1501#${pin}#1`);
    await call.ended(30_000);
    await phone.close();
    await page.goto(product.adminUrl);
    const failed = page.locator('article.failed', { hasText: '00:15:65:ab:00:02' });
    await failed.waitFor({ timeout: 30_000 });
    expect(await failed.textContent()).to.match(/switch it off and on/);
    await failed.getByRole('button', { name: 'Have it fetch now' }).waitFor();
  });
});
