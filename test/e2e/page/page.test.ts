import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { addAdministrator, invite } from '../../../src/administration/administrators.ts';
import { addTenant, changeTenant } from '../../../src/administration/tenants.ts';
import { syncDriver } from '../../../src/provisioning/sync/driveSyncs.ts';
import { policyOf } from '../../../src/domain/tenant.ts';
import { packText } from '../../../src/provisioning/files/given.ts';
import { startApi, type TestApi } from '../../support/api.ts';
import { startBrowser, violationsOn, type TestBrowser } from '../../support/browser.ts';
import { openTestCore, type TestCore } from '../../support/core.ts';
import { enrol } from '../../support/steps.ts';

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

  /** What axe has against what is shown, and whether it is wider than the screen; keeps a picture where one is wanted. */
  async function faultsOn(name: string): Promise<readonly string[]> {
    const found = (await violationsOn(page)).map((each) => `${name}: ${each}`);
    const [wide, screen] = [await page.evaluate<number>('document.documentElement.scrollWidth'), page.viewportSize()];
    const pictures = process.env['SELFPROV_PICTURES'];
    const path = `${pictures}/${name.replaceAll(/[/:?&=.]/g, '-')}.png`;
    if (pictures !== undefined) await page.screenshot({ path, fullPage: true });
    return wide > (screen?.width ?? 0) ? [...found, `${name} is ${wide} wide`] : found;
  }

  it('is entered by a link that works once, left, and entered again by name and password', async () => {
    await addAdministrator(core, { name: 'ann', role: 'administrator', tenantId: null });
    const link = await linkFor('ann');
    page = await browser.open(link);
    await page.getByLabel(/^Password/).fill('passwordpassword');
    await page.getByRole('button', { name: 'Show what is typed' }).click();
    expect(await page.getByLabel(/^Password/).getAttribute('type')).to.equal('text');
    await page.getByRole('button', { name: 'Have this password' }).click();
    expect(await page.getByRole('alert').textContent()).to.contain('take several words');
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
    await page.getByRole('button', { name: 'Print letter' }).waitFor();
    await page.getByRole('link', { name: 'Back' }).click();
    await page.getByRole('link', { name: '1500' }).click();
    await page.getByRole('heading', { name: '1500 Ann <b>Lee</b>' }).waitFor();
    expect(await page.locator('#call').textContent()).to.match(
      /dial \*55, then key in 1500#, then the PIN and #,.* 1\./,
    );
    expect((await core.store.events({ tenantId: 'default', limit: 1 }))[0]).to.include({
      step: 'user_added',
      actor: 'page:ann',
    });
    await changeTenant(core, 'default', { texts: { identifyBy: 'user_id' } });
    await page.reload();
    expect(await page.locator('#call').textContent()).to.contain('the user has no number to key in');
  });

  it('finds a new phone, gives it to a user by a click, and takes it back after a question', async () => {
    await signInAs('ann');
    await api.call('addUser', { body: { extension: '1500', name: 'Ann Größe' } });
    await addPhone();
    await page.getByRole('link', { name: 'Devices' }).click();
    await page.getByLabel('Search').fill('0015.6500');
    await page.getByRole('button', { name: 'Find' }).click();
    await page.getByRole('link', { name: '00:15:65:00:00:01' }).click();
    await page.getByLabel('Give it to extension').fill('1599');
    await page.getByRole('button', { name: 'Give', exact: true }).click();
    expect(await page.getByRole('alert').textContent()).to.contain('there is no user with extension 1599');
    // A name is enough to find whose it is to be.
    const people = page.locator('#people option');
    await page.getByLabel('Give it to extension').fill('nobody');
    await people.waitFor({ state: 'detached' });
    await page.getByLabel('Give it to extension').fill('größe');
    await people.waitFor({ state: 'attached' });
    expect([await people.getAttribute('value'), await people.textContent()]).to.deep.equal(['1500', 'Ann Größe']);
    await page.getByLabel('Give it to extension').fill('1500');
    await page.getByRole('button', { name: 'Give', exact: true }).click();
    // It has never asked for anything.
    await page.getByRole('status').filter({ hasText: 'The phone is the user’s. It is not registered' }).waitFor();
    expect(await page.locator('main').textContent())
      .to.contain('It has not fetched a file yet.')
      .and.to.contain('001565000001.cfg')
      .and.not.match(/\{mac\}/i);
    await page.getByRole('link', { name: 'Devices' }).click();
    await page.getByRole('link', { name: '1500 Ann Größe' }).click();
    await page.getByRole('heading', { name: '1500 Ann Größe' }).waitFor();
    await page.goBack();
    await page.getByRole('link', { name: '00:15:65:00:00:01' }).click();
    expect(await page.locator('#time-line-list').textContent())
      .to.contain('accepted')
      .and.to.contain('page:ann');
    page.once('dialog', (dialog) => void dialog.accept());
    await page.getByRole('button', { name: 'Take it back' }).click();
    await page.getByRole('status').filter({ hasText: 'taken back' }).waitFor();
  });

  it('has a device’s note and own settings changed, and moves it to another tenant', async () => {
    await signInAs('ann');
    await addTenant(core, { id: 'acme', name: 'Acme' });
    await addPhone();
    await page.goto(`${api.url}/t/default/devices/00:15:65:00:00:01`);
    const own = page.getByText('Change its remark, serial number and own settings');
    await own.click();
    await page.getByLabel('Remark').fill('');
    await page.getByLabel('Time zone').fill('Nowhere');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('alert').waitFor();
    expect(await page.getByLabel('Remark').inputValue()).to.equal('');
    await page.getByLabel('Time zone').fill('Asia/Tokyo');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('status').filter({ hasText: 'Saved' }).waitFor();
    const changed = await core.store.device('001565000001');
    expect([changed?.note, changed?.says]).to.deep.equal(['', { timeZone: 'Asia/Tokyo' }]);
    await own.click();
    await page.getByLabel('Time zone').fill('');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('status').filter({ hasText: 'Saved' }).waitFor();
    expect((await core.store.device('001565000001'))?.says).to.deep.equal({});
    page.once('dialog', (dialog) => void dialog.accept());
    await page.getByLabel('Move it to the tenant').selectOption('Acme');
    await page.getByRole('button', { name: 'Move', exact: true }).click();
    await page.getByRole('status').filter({ hasText: 'the other tenant’s' }).waitFor();
    expect((await core.store.device('001565000001'))?.tenantId).to.equal('acme');
  });

  it('does the same to the phones that are ticked, after it has said what that comes to', async () => {
    await signInAs('ann');
    for (let last = 10; last < 22; last++) await addPhone(`00:15:65:00:00:${last}`);
    await page.getByRole('link', { name: 'Devices' }).click();
    await page.getByRole('button', { name: 'Block…', exact: true }).click();
    await page.getByText('No device is ticked').waitFor();
    await page.getByRole('link', { name: 'Back' }).click();
    const all = page.getByLabel('All of this page');
    await all.focus();
    await page.keyboard.press('Space');
    expect(await page.locator('input[name^="mac."]:checked').count()).to.equal(12);
    await page.getByLabel('Pick 00:15:65:00:00:21').uncheck();
    expect(await all.isChecked()).to.equal(false);
    await page.getByRole('button', { name: 'Block…', exact: true }).click();
    await page.getByRole('cell', { name: 'blocked: nobody can have it' }).waitFor();
    expect((await core.store.device('001565000010'))?.isBlocked).to.equal(false);
    await page.getByRole('button', { name: 'Do it (11)' }).click();
    await page.getByText('5 / 11').waitFor();
    expect(await faultsOn('outcomes')).to.deep.equal([]);
    // Who looks at one of them, and goes back, can go on with those that are left.
    await page.getByRole('link', { name: '00:15:65:00:00:10' }).click();
    await page.getByRole('heading', { name: '00:15:65:00:00:10' }).waitFor();
    await page.goBack();
    await page.getByRole('button', { name: /^Do it/ }).click();
    await page.getByText('All have been gone through.').waitFor();
    expect(await page.locator('.outcomes li').count()).to.be.within(1, 6);
    const blocked = (await core.store.devices('default')).filter(({ isBlocked }) => isBlocked);
    expect(blocked).to.have.length(11);
  });

  it('shows what a table of users would do, and every mistake, before it is imported; then the PINs, this once', async () => {
    await signInAs('ann');
    await page.goto(`${api.url}/t/default/import/users`);
    const choose = async (text: string): Promise<void> => {
      const buffer = Buffer.from(text, 'latin1');
      await page.getByLabel(/^File/).setInputFiles({ name: 'users.csv', mimeType: 'text/csv', buffer });
      await page.getByRole('button', { name: 'Look what it would do' }).click();
    };
    const blank = page.waitForEvent('download');
    await page.getByRole('link', { name: 'A table to fill in' }).click();
    expect(readFileSync(await (await blank).path(), 'utf8')).to.match(/^\uFEFFextension,name,profile,pin,.*\r\n$/);
    await page.getByText('All columns').click();
    await page.getByRole('row', { name: /^time-zone Time zone: like Europe\/Berlin/ }).waitFor();
    await choose('extension;name\r\n1500;Jürgen\r\n15x;Eve\r\n');
    await page.getByRole('alert').waitFor();
    expect(await page.locator('main').textContent()).to.match(/Mistakes.*3\s*extension/s);
    expect(await page.getByRole('button', { name: 'Import all' }).count()).to.equal(0);
    expect(await faultsOn('mistakes')).to.deep.equal([]);
    await page.getByRole('link', { name: 'Choose another file' }).click();
    await choose('extension;name\r\n1500;Jürgen <b>\r\n1501;Eve\r\n');
    await page.getByRole('cell', { name: 'Jürgen <b>' }).waitFor();
    expect(await core.store.users('default')).to.have.length(0);
    expect(await faultsOn('plan')).to.deep.equal([]);
    await page.getByLabel('Letters with the new PINs').selectOption('html');
    await page.getByRole('button', { name: 'Import all of these lines' }).click();
    await page.getByText('New PINs').waitFor();
    expect(await faultsOn('imported')).to.deep.equal([]);
    expect(await page.locator('main').textContent()).to.match(/1500\s*Jürgen <b>\s*\d{6}/);
    const letters = (await page.getByRole('link', { name: 'letters.html' }).getAttribute('href')) ?? '';
    expect(Buffer.from(letters.split(',')[1] ?? '', 'base64').toString())
      .to.contain('Jürgen')
      .and.not.contain('<b>');
    // What is exported is imported unchanged.
    await page.goto(`${api.url}/t/default/users`);
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Export all as a table' }).click();
    const exported = await (await download).path();
    await page.goto(`${api.url}/t/default/import/users`);
    await page.getByLabel(/^File/).setInputFiles(exported);
    await page.getByRole('button', { name: 'Look what it would do' }).click();
    await page.getByText('All is as the table says already.').waitFor();
  });

  it('prints a letter with the PIN that is typed at that moment, in a page of its own', async () => {
    await signInAs('ann');
    await api.call('addUser', { body: { extension: '1500', name: 'Ann Lee' } });
    await page.goto(`${api.url}/t/default/users/1500`);
    await page.getByLabel('PIN', { exact: true }).fill('940273');
    await page.getByLabel('As').selectOption('html');
    const [letter] = await Promise.all([
      page.context().waitForEvent('page'),
      page.getByRole('button', { name: 'Print letter' }).click(),
    ]);
    await letter.getByText('940273').waitFor();
    expect(await letter.evaluate<string>("getComputedStyle(document.querySelector('h1')).fontSize")).to.equal('32px');
  });

  it('says a tenant’s rules in sentences, and has them changed; a URL is shown as a picture too', async () => {
    await signInAs('ann');
    await page.goto(`${api.url}/t/default/policy`);
    await page.getByText('45 tries on the first day').waitFor();
    await page.getByLabel('Who must prove what').selectOption('none');
    await page.getByLabel('Emergency numbers').fill('112, 1x');
    await page.getByRole('button', { name: 'Save' }).first().click();
    await page.getByRole('alert').waitFor();
    expect(await page.getByLabel('Who must prove what').inputValue()).to.equal('none');
    await page.getByLabel('Emergency numbers').fill('110 112');
    // Somebody else changes something else meanwhile.
    await changeTenant(core, 'default', { texts: { takeOver: 'allow' } });
    await page.getByRole('button', { name: 'Save' }).first().click();
    await page.getByRole('status').filter({ hasText: 'selfprov asterisk-files --apply' }).waitFor();
    await page.getByText('Whoever keys an extension gets it').waitFor();
    const changed = await core.store.tenant('default');
    expect(changed?.emergencyNumbers).to.deep.equal(['110', '112']);
    expect(changed && policyOf(changed).takeOver).to.equal('allow');
    await page.goto(`${api.url}/t/default/events`);
    expect(await page.locator('li', { hasText: 'emergencyNumbers' }).locator('ins').allTextContents()).to.include(
      '["110","112"]',
    );
    await page.goto(`${api.url}/t/default`);
    await page.getByRole('link', { name: 'Connect phones' }).click();
    // No device is here: all families.
    await page.getByText('selfprov-grandstream').waitFor();
    for (const tick of await page.getByRole('group', { name: 'Phones of these' }).getByRole('checkbox').all())
      await tick.uncheck();
    await page.locator('[name="family.yealink"]').check();
    await page.getByRole('button', { name: 'Show its configuration' }).click();
    await page.getByText('selfprov-yealink').waitFor();
    expect(await page.getByText('selfprov-grandstream').count()).to.equal(0);
    await page.getByText('Enter an app').click();
    await page.getByRole('button', { name: 'Enter, and show the URL' }).click();
    await page.getByRole('img', { name: 'QR code' }).waitFor();
    expect(await faultsOn('made')).to.deep.equal([]);
  });

  it('makes tokens, which are shown once, changes roles, and has one’s own password changed', async () => {
    await signInAs('ann');
    await addAdministrator(core, { name: 'bob', role: 'viewer', tenantId: null });
    await page.getByRole('link', { name: 'More' }).click();
    await page.getByRole('link', { name: 'Access' }).click();
    await page.getByText('Make a token').click();
    expect(await faultsOn('token')).to.deep.equal([]);
    await page.getByLabel('Name').last().fill('ansible');
    await page.getByLabel('read:').uncheck();
    await page.getByRole('button', { name: 'Make it, and show it' }).click();
    await page.getByRole('alert').waitFor();
    await page.getByLabel('read:').check();
    await page.getByLabel('write:').check();
    await page.getByLabel('How long').selectOption('30 days');
    await page.getByRole('button', { name: 'Make it, and show it' }).click();
    expect(await page.locator('.made').textContent()).to.match(/ansible.*selfprov_/s);
    await page.getByRole('link', { name: 'Back' }).click();
    await page.getByRole('cell', { name: 'read, write', exact: true }).waitFor();
    const [made] = (await core.store.apiTokens()).filter(({ name }) => name === 'ansible');
    expect(made?.expiresAt).to.equal(core.now() + 30 * 24 * 60 * 60_000);
    await page.getByLabel('Role: bob').selectOption('helpdesk');
    page.once('dialog', (dialog) => void dialog.accept());
    await page.getByRole('row', { name: 'bob' }).getByRole('button', { name: 'Change' }).click();
    await page.getByRole('status').filter({ hasText: 'another one from now on' }).waitFor();
    expect((await core.store.administrator('bob'))?.role).to.equal('helpdesk');
    await page.getByRole('banner').getByRole('link', { name: 'ann' }).click();
    await page.getByLabel('Password of now').fill('wrong');
    await page.getByLabel('New password').fill('battery horse correct');
    await page.getByRole('button', { name: 'Have the new password' }).click();
    await page.getByRole('alert').filter({ hasText: 'another one' }).waitFor();
    await page.getByLabel('Password of now').fill(PASSWORD);
    await page.getByRole('button', { name: 'Have the new password' }).click();
    await page.getByRole('status').filter({ hasText: 'signed out everywhere else' }).waitFor();
  });

  it('lists tenants for who has all of them, and says in the header which is looked at', async () => {
    await signInAs('ann');
    await page.getByRole('link', { name: 'More' }).click();
    await page.getByRole('link', { name: 'Tenants' }).click();
    await page.getByText('Add a tenant').click();
    await page.getByLabel('Short name').fill('acme');
    await page.getByLabel('Name', { exact: true }).fill('Acme <b>Ltd</b>');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByRole('status').filter({ hasText: 'The tenant is there.' }).waitFor();
    await page.getByRole('link', { name: 'acme', exact: true }).click();
    await page.getByRole('banner').getByRole('link', { name: 'Acme <b>Ltd</b>' }).click();
    page.once('dialog', (dialog) => void dialog.accept());
    await page.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('status').filter({ hasText: 'The tenant is removed.' }).waitFor();
    expect(await core.store.tenant('acme')).to.equal(undefined);
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
    // Where one is then: what each of them does, as it goes on.
    await page
      .getByRole('heading', { name: /^Roll-out 1: .*model T46S, another version than 66\.86\.0\.15/ })
      .waitFor();
    await page.getByRole('cell', { name: 'waits' }).waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByText('running', { exact: true }).waitFor();
    await syncDriver(core, (error) => {
      throw error;
    })();
    await page.getByRole('cell', { name: 'it is not registered' }).waitFor();
    expect(await page.getByRole('button', { name: 'Stop' }).count()).to.equal(0);
    await page.getByRole('link', { name: 'left to itself' }).click();
    await page.getByRole('link', { name: '00:15:65:00:00:01' }).click();
    await page.getByRole('heading', { name: '00:15:65:00:00:01' }).waitFor();
    await page.getByRole('link', { name: 'Roll-outs' }).click();
    await page.getByRole('link', { name: /model T46S/ }).click();
    await page.getByText('1 / 1 at an end').waitFor();
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
    expect(await page.getByRole('img', { name: 'QR code' }).count()).to.equal(0);
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
    await page.getByLabel(/^Passwort/).fill(PASSWORD);
    await page.getByRole('button', { name: 'Dieses Passwort nehmen' }).click();
    await page.getByRole('heading', { name: 'Übersicht' }).waitFor();
    expect(await page.locator('.health').textContent()).to.equal('Datenbankläuft');
    await page.goto(`${api.url}/t/default/templates/device/Default`);
    const use = page.getByLabel('Ob ein Telefon bei seinem Benutzer bleibt');
    await use.selectOption({ label: 'geteilt: für einen Tag geliehen' });
    expect(await use.inputValue()).to.equal('hot_desk');
    expect(await page.locator('main').textContent())
      .to.contain('Profil Default')
      .and.not.contain('IANA');
    await page.goto(`${api.url}/t/default/none`);
    expect(await page.getByRole('alert').textContent()).to.contain('Diese Seite gibt es nicht: /t/default/none');
  });

  it('has nothing that axe has against it, light and dark, wide and narrow, and fits', async () => {
    await signInAs('ann');
    await api.call('addUser', { body: { extension: '1500', name: 'Ann Lee' } });
    await addPhone();
    await api.call('assignDevice', { at: { tenant: 'default', mac: '001565000001' }, body: { extension: '1500' } });
    await addPhone('80:5e:c0:00:00:02');
    // One that is off is given away; others lie about, one of them new.
    await enrol(core, '001565000003');
    await core.store.updateLine((await core.store.lines('001565000003'))[0]?.id ?? '', { servedAt: core.now() });
    await enrol(core, '001565000003', '10.0.0.8');
    await enrol(core, '001565000004');
    await enrol(core, '001565000004', '10.0.0.8');
    await api.call('addUser', { body: { extension: '1501', name: 'Bo Dahl' } });
    const [line] = await core.store.lines('001565000003');
    await api.call('assignDevice', {
      at: { tenant: 'default', mac: '001565000003' },
      body: { extension: '1501', account: line?.authName },
    });
    for (let last = 10; last < 21; last += 1) await addPhone(`00:15:65:00:00:${last}`);
    core.pass(1000);
    await addPhone('80:5e:c0:00:00:ff');
    await page.goto(`${api.url}/t/default`);
    expect(await page.locator('main').textContent())
      .to.match(/→\s+1501 Bo Dahl\s+It is not registered/)
      .and.to.contain('80:5e:c0:00:00:ff')
      .and.to.contain('All that are nobody’s (');
    await api.call('changeDeviceTemplate', {
      at: { tenant: 'default', name: 'Default' },
      body: {
        settings: {
          keys: `blf:1501:Bo \\:\\; ${'x'.repeat(40)};speed_dial:0:Door;park:700;blf:1502`,
          webPassword: 'Tr0ub4dor',
        },
      },
    });
    await api.call('startSync', { body: { all: true } });
    const found: string[] = [];
    for (const path of [
      '',
      '/connect?dhcp=kea',
      '/devices',
      '/devices/00:15:65:00:00:01',
      '/devices/00:15:65:00:00:03',
      '/devices/00:15:65:00:00:04',
      '/users',
      '/users/1500',
      '/templates',
      '/templates/profile/Default',
      '/templates/device/Default',
      '/templates/device/Default/keys',
      '/syncs',
      '/syncs/1',
      '/families',
      '/families/yealink',
      '/events',
      '/policy',
      '/import/users',
      '/device-actions?action=block&every=true',
      '/../../tenants',
      '/../../me',
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
        found.push(...(await faultsOn(`${path || 'overview'}-${width}`)));
      }
    }
    const former = { mac: '001565000003', name: '{mac}.cfg', family: 'yealink', digest: 'x', at: core.now() };
    await core.store.putGivenFiles([{ ...former, packed: packText('x') }]);
    await page.goto(`${api.url}/t/default/devices/00:15:65:00:00:03`);
    expect(await page.locator('main').textContent())
      .to.contain('It is not registered')
      .and.to.contain('It has what it has since')
      .and.to.contain('it has what it had before')
      .and.not.contain('It has not fetched a file yet');
    await page.goto(`${api.url}/t/default/devices/00:15:65:00:00:04`);
    expect(await page.getByLabel('The phone is').locator('option').count()).to.equal(3);
    expect(await page.locator('#lines + p').textContent()).to.contain('Several have asked');
    await page.goto(`${api.url}/api/v1/`);
    await page.getByText('/api/v1/tenants/{tenant}/users', { exact: false }).first().click();
    found.push(...(await violationsOn(page)));
    expect(found).to.deep.equal([]);
  });

  it('weighs less than 100 KB the first time, and what does not change is kept until it does', async () => {
    await signInAs('ann');
    await page.context().clearCookies();
    const other = await browser.open(`${api.url}/sign-in`);
    const html = await other.content();
    await other.close();
    let bytes = html.length;
    const assets = [...html.matchAll(/"(\/assets\/[^"]+)"/g)].map(([, path = '']) => path);
    expect(assets).to.have.length(4);
    for (const path of assets) {
      const response = await fetch(`${api.url}${path}`);
      bytes += (await response.arrayBuffer()).byteLength;
      expect(response.headers.get('cache-control'), path).to.contain('immutable');
      // After an upgrade it is another URL; a page of before has what there is, and keeps it not.
      const older = await fetch(`${api.url}${path}x`);
      expect([older.status, older.headers.get('cache-control')]).to.deep.equal([200, 'no-cache']);
    }
    expect(bytes).to.be.lessThan(100_000);
  });
});
