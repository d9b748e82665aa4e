import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { addAdministrator, invite } from '../../../src/administration/administrators.ts';
import { startApi, type TestApi } from '../../support/api.ts';
import { startBrowser, violationsOn, type TestBrowser } from '../../support/browser.ts';
import { openTestCore, type TestCore } from '../../support/core.ts';

const PASSWORD = 'correct horse battery';

describe('The page, in a real browser', function () {
  this.timeout(180_000);
  let core: TestCore;
  let api: TestApi;
  let browser: TestBrowser;
  let page: Page;

  before(async () => {
    browser = await startBrowser();
  });
  after(() => browser.close());
  beforeEach(async () => {
    core = await openTestCore();
    api = await startApi(core);
  });
  afterEach(async () => {
    expect(browser.complaints).to.deep.equal([]);
    await page.context().close();
    await api.close();
    await core.close();
  });

  const linkFor = async (name: string): Promise<string> =>
    `${api.url}/welcome/${(await invite(core, null, name)).token.reveal()}`;
  async function signInAs(name: string, role = 'administrator'): Promise<void> {
    await addAdministrator(core, { name, role, tenantId: null });
    page = await browser.open(await linkFor(name));
    await page.getByLabel(/^Password/).fill(PASSWORD);
    await page.getByRole('button', { name: 'Have this password' }).click();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
  }
  const addPhone = (mac = '00:15:65:00:00:01') =>
    api.call('addDevice', { body: { family: 'yealink', mac, model: 'T46S', note: '<b>hall</b>' } });

  it('is entered by a link that works once, left, and entered again by name and password', async () => {
    await addAdministrator(core, { name: 'ann', role: 'administrator', tenantId: null });
    const link = await linkFor('ann');
    page = await browser.open(link);
    await page.getByLabel(/^Password/).fill(PASSWORD);
    await page.getByRole('button', { name: 'Have this password' }).click();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.goto(`${api.url}/t/default/users`);
    await page.getByLabel('Name').fill('ann');
    await page.getByLabel('Password').fill('wrong password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    expect(await page.getByRole('alert').textContent()).to.equal('name or password is wrong');
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    // Where it was going.
    await page.getByRole('heading', { name: 'Users' }).waitFor();
    await page.goto(link);
    expect(await page.getByRole('alert').textContent()).to.contain('has been used');
  });

  it('has a user added, shows the PIN once, and says in place what is wrong with what was typed', async () => {
    await signInAs('ann');
    await page.getByRole('link', { name: 'Users', exact: true }).click();
    await page.getByLabel('Extension', { exact: true }).fill('15 00');
    await page.getByLabel('Name', { exact: true }).fill('Ann <b>Lee</b>');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByRole('alert').waitFor();
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).to.equal('Ann <b>Lee</b>');
    await page.getByLabel('Extension', { exact: true }).fill('1500');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    expect(await page.locator('.made').textContent()).to.match(/1500.*Ann <b>Lee<\/b>.*PIN\s*\d{6}/s);
    await page.getByRole('link', { name: 'Back' }).click();
    await page.getByRole('link', { name: '1500' }).click();
    await page.getByRole('heading', { name: '1500 Ann <b>Lee</b>' }).waitFor();
    expect((await core.store.events({ tenantId: 'default', limit: 1 }))[0]).to.include({
      step: 'user_added',
      actor: 'page:ann',
    });
  });

  it('finds a new phone, gives it to a user by a click, and takes it back after a question', async () => {
    await signInAs('ann');
    await api.call('addUser', { body: { extension: '1500', name: 'Ann' } });
    await addPhone();
    await page.getByRole('link', { name: 'Devices' }).click();
    await page.getByLabel('Search').fill('0015.6500');
    await page.getByRole('button', { name: 'Find' }).click();
    await page.getByRole('link', { name: '00:15:65:00:00:01' }).click();
    await page.getByLabel('Give it to extension').fill('1599');
    await page.getByRole('button', { name: 'Give', exact: true }).click();
    expect(await page.getByRole('alert').textContent()).to.contain('there is no user with extension 1599');
    await page.getByLabel('Give it to extension').fill('1500');
    await page.getByRole('button', { name: 'Give', exact: true }).click();
    await page.getByRole('status').filter({ hasText: 'The phone is the user’s' }).waitFor();
    expect(await page.locator('#time-line-list').textContent())
      .to.contain('accepted')
      .and.to.contain('page:ann');
    page.once('dialog', (dialog) => void dialog.accept());
    await page.getByRole('button', { name: 'Take it back' }).click();
    await page.getByRole('status').filter({ hasText: 'taken back' }).waitFor();
  });

  it('has no buttons for what the role may not do, and does not do it either', async () => {
    await signInAs('ann');
    await page.context().close();
    await signInAs('bob', 'viewer');
    await addPhone();
    await page.goto(`${api.url}/t/default/devices/00:15:65:00:00:01`);
    expect(await page.locator('main button').count()).to.equal(0);
    const status = await page.evaluate(async () => {
      const body = new URLSearchParams({ 'at.tenant': 'default', 'at.mac': '001565000001' });
      return (await fetch('/do/removeDevice', { method: 'POST', body })).status;
    });
    expect(status).to.equal(403);
  });

  it('takes a firmware, gives it to a model, and tells those phones that have another', async () => {
    await signInAs('ann');
    await addPhone();
    await core.store.updateDevice('001565000001', { firmware: '66.85.0.5' });
    await api.call('addUser', { body: { extension: '1500', name: 'Ann' } });
    await page.getByRole('link', { name: 'Families' }).click();
    await page
      .getByRole('link', { name: /^Yealink/ })
      .first()
      .click();
    await page.getByText('T46S').first().waitFor();
    for (const [name, says] of [
      ['T46S.rom', 'The file is there.'],
      ['001565000001.cfg', 'is made here for each phone'],
    ] as const) {
      await page
        .getByLabel('A new file')
        .setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.alloc(100_000) });
      await page.getByRole('button', { name: 'Put it there' }).click();
      await page.getByText(says).waitFor();
    }
    await page.getByRole('combobox', { name: 'Model' }).fill('T46S');
    await page.getByRole('combobox', { name: 'File' }).selectOption('T46S.rom');
    await page.getByLabel('What the phone calls it').fill('66.86.0.15');
    await page.getByRole('button', { name: 'Have it so' }).click();
    await page.getByText('Phones of this model with another version: 1').waitFor();
    page.once('dialog', (dialog) => void dialog.accept());
    await page.getByRole('button', { name: 'Tell them now' }).click();
    await page.getByRole('heading', { name: /model T46S, another version than 66\.86\.0\.15/ }).waitFor();
  });

  it('has a form and a list for what is rare: a code is shown once, a webhook’s secret too, and both are taken back', async () => {
    await signInAs('ann');
    await api.call('addUser', { body: { extension: '1500', name: 'Ann' } });
    const take = async (button: string, done: string) => {
      page.once('dialog', (dialog) => void dialog.accept());
      await page.getByRole('button', { name: button }).click();
      await page.getByRole('status').filter({ hasText: done }).waitFor();
    };
    const open = async (name: string) => {
      await page.getByRole('link', { name: 'More' }).click();
      await page.getByRole('link', { name }).click();
    };
    await open('One-time codes');
    await page.getByLabel('Extension').fill('1599');
    await page.getByRole('button', { name: 'Make it' }).click();
    await page.getByRole('alert').waitFor();
    await page.getByLabel('Extension').fill('1500');
    await page.getByRole('button', { name: 'Make it' }).click();
    expect(await page.locator('.made').textContent()).to.match(/Code\s*\d{6,}/);
    await page.getByRole('link', { name: 'Back' }).click();
    await take('Take it back', 'worth nothing');
    await open('Webhooks');
    await page.getByRole('textbox', { name: 'URL' }).fill('https://hook.example/x');
    await page.getByRole('textbox', { name: 'Steps' }).fill('done, failed');
    await page.getByRole('button', { name: 'Tell it' }).click();
    expect(await page.locator('.made').textContent()).to.contain('whsec_');
    await page.getByRole('link', { name: 'Back' }).click();
    await page.getByText('done, failed').waitFor();
    await take('Remove', 'told nothing');
    await open('Redirects');
    await page.getByLabel('Model').fill('T4*');
    await page.getByRole('textbox', { name: 'Server' }).fill('https://other.example/');
    await page.getByRole('button', { name: 'Add' }).click();
    await page.getByText('Model T4*').waitFor();
    await open('Switches for all');
    await page.getByText('Change', { exact: true }).first().click();
    await page.getByLabel('New phones are given a default line').selectOption('off');
    await take('Change', 'It is so from now on');
    expect((await core.store.site()).enrolment).to.equal(false);
  });

  it('speaks German to a browser that does', async () => {
    await addAdministrator(core, { name: 'ann', role: 'administrator', tenantId: null });
    page = await browser.open(await linkFor('ann'), { language: 'de' });
    await page.getByRole('button', { name: 'Dieses Passwort nehmen' }).waitFor();
  });

  it('has nothing that axe has against it, light and dark, wide and narrow, and fits', async () => {
    await signInAs('ann');
    await api.call('addUser', { body: { extension: '1500', name: 'Ann Lee' } });
    await addPhone();
    await api.call('assignDevice', { at: { tenant: 'default', mac: '001565000001' }, body: { extension: '1500' } });
    await addPhone('80:5e:c0:00:00:02');
    await api.call('changeDeviceTemplate', {
      at: { tenant: 'default', name: 'Default' },
      body: {
        settings: {
          keys: `blf:1501:Bo \\:\\; ${'x'.repeat(40)};speed_dial:0:Door;park:700;blf:1502`,
          webPassword: 'Tr0ub4dor',
        },
      },
    });
    const found: string[] = [];
    for (const path of [
      '',
      '/devices',
      '/devices/00:15:65:00:00:01',
      '/users',
      '/users/1500',
      '/templates',
      '/templates/profile/Default',
      '/templates/device/Default',
      '/templates/device/Default/keys',
      '/syncs',
      '/families',
      '/families/yealink',
      '/events',
      '/more',
      '/codes',
      '/rotations',
      '/webhooks',
      '/access',
      '/none',
    ]) {
      for (const [dark, width] of [
        [false, 1200],
        [true, 375],
      ] as const) {
        await page.emulateMedia({ colorScheme: dark ? 'dark' : 'light' });
        await page.setViewportSize({ width, height: 800 });
        await page.goto(`${api.url}/t/default${path}`);
        found.push(...(await violationsOn(page)).map((each) => `${path} ${width}: ${each}`));
        const wide = await page.evaluate<number>('document.documentElement.scrollWidth');
        if (wide > width) found.push(`${path} is ${wide} wide, in ${width}`);
        const pictures = process.env['SELFPROV_PICTURES'];
        if (pictures !== undefined)
          await page.screenshot({
            path: `${pictures}/${path.replaceAll(/[/:]/g, '-') || 'overview'}-${width}.png`,
            fullPage: true,
          });
      }
    }
    await page.goto(`${api.url}/api/v1/`);
    await page.getByText('/api/v1/tenants/{tenant}/users', { exact: false }).first().click();
    found.push(...(await violationsOn(page)));
    expect(found).to.deep.equal([]);
  });

  it('weighs less than 100 KB the first time', async () => {
    await signInAs('ann');
    let bytes = 0;
    await page.context().clearCookies();
    const other = await browser.open(`${api.url}/sign-in`);
    await other.close();
    const sizes = ['/sign-in', '/assets/style.css', '/assets/htmx.js', '/assets/page.js', '/assets/icon.svg'];
    for (const path of sizes) bytes += (await (await fetch(`${api.url}${path}`)).arrayBuffer()).byteLength;
    expect(bytes).to.be.lessThan(100_000);
  });
});
