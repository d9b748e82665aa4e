import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { packageRoot } from '../../src/packageRoot.ts';
import { callAndKey } from '../support/callAndKey.ts';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { bootPhone } from '../../src/virtualPhone/phone.ts';
import type { Phone } from '../../src/virtualPhone/phoneTypes.ts';
import { startProduct, type Product } from '../support/product.ts';

const MAC = '001565ab0001';
const LOST = '001565ab0002';
const BY_CALLS = '001565ab0003';
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
    const steps = [
      'new phone',
      'called to be set up',
      'accepted',
      'told to fetch',
      'fetched its file',
      'registered',
      'back with its new line',
    ];
    for (const step of steps) expect(line).to.contain(step);
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

  it('is told of by HTTP calls alone, as docs/examples/story.mjs has it', async () => {
    const { token } = await product.cli<{ token: string }>('token', 'add', 'story', '--scope', 'read,write');
    const phone = await boot(BY_CALLS);
    const story = [join(packageRoot, 'docs/examples/story.mjs'), BY_CALLS, '1503'];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, story, {
      env: { SELFPROV_API: `${product.adminUrl}/api/v1`, SELFPROV_TOKEN: token, SELFPROV_WITHIN: '40' },
    });
    expect(stderr)
      .to.match(/User 1503 has the PIN \d{6}/)
      .and.match(/Files of 1 phone\(s\) would be different:\n.*\n(?: {4}[-+].*\n)+/)
      .and.contain('done, 1 back, 0 lost');
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { readonly step: string; readonly actor: string });
    const steps = events.map(({ step }) => step);
    expect(steps[0]).to.equal('enrolled');
    expect(steps.filter((step) => ['accepted', 'registered', 'released', 'done'].includes(step))).to.include.members([
      ...['accepted', 'registered', 'done', 'released'],
    ]);
    expect(events.find(({ step }) => step === 'accepted')?.actor).to.equal('api:story');
    // Nobody's again.
    await phone.registered();
    expect(await product.cli('device', 'show', BY_CALLS)).to.include({ extension: null });
  });

  it('hears of the API what this Asterisk says: contexts, numbers, sounds, and where the page is', async () => {
    const { token } = await product.cli<{ token: string }>('token', 'add', 'facts', '--scope', 'read,write,access');
    const ask = async (path: string, method = 'GET', body?: object) => {
      const response = await fetch(`${product.adminUrl}/api/v1${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: (await response.json()) as Readonly<Record<string, unknown>> };
    };
    const nowhere = await ask('/tenants/default', 'PATCH', { settings: { context: 'nowhere' } });
    expect([nowhere.status, nowhere.body['detail']]).to.deep.equal([
      ...[404, 'Asterisk has no context [nowhere] in its dialplan: calls of all users would lead nowhere'],
    ]);
    expect((await ask('/tenants/default', 'PATCH', { settings: { context: 'users' } })).status).to.equal(200);
    const clashes = (await ask('/tenants/default/clashes')).body['items'];
    expect(clashes).to.be.an('array');
    expect(String(clashes)).to.contain('emergency').and.not.contain('reload the manager');
    const languages = (await ask('/languages')).body['items'] as { language: string; complete: boolean }[];
    expect(languages.find(({ language }) => language === 'en')).to.include({ complete: true });
    const added = await ask('/administrators', 'POST', { name: 'zoe', role: 'viewer' });
    expect(String(added.body['link'])).to.match(new RegExp(`^${product.adminUrl}/welcome/\\w+$`));
    expect((await fetch(String(added.body['link']))).status).to.equal(200);
    // Asked by the links that there are: its calls still go to selfprov.
    const health = await ask('/health');
    expect(JSON.stringify(health.body)).to.contain('"ari":{"state":"up"');
  });
});
