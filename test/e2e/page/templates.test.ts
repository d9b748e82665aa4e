import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { addAdministrator, invite } from '../../../src/administration/administrators.ts';
import { startApi, type TestApi } from '../../support/api.ts';
import { startBrowser, type TestBrowser } from '../../support/browser.ts';
import { openTestCore, type TestCore } from '../../support/core.ts';
import { manyDevices } from '../../support/manyDevices.ts';

const PASSWORD = 'correct horse battery';

describe('Templates, profiles and keys on the page', function () {
  this.timeout(120_000);
  let core: TestCore;
  let api: TestApi;
  let browser: TestBrowser;
  let page: Page;

  before(async () => {
    browser = await startBrowser();
    core = await openTestCore();
    api = await startApi(core);
    await manyDevices(core, 3, { register: false });
    await addAdministrator(core, { name: 'ann', role: 'administrator', tenantId: null });
    const { token } = await invite(core, null, 'ann');
    page = await browser.open(`${api.url}/welcome/${token.reveal()}`);
    await page.getByLabel(/^Password/).fill(PASSWORD);
    await page.getByRole('button', { name: 'Have this password' }).click();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
  });
  after(async () => {
    await browser.close();
    await api.close();
    await core.close();
  });
  afterEach(() => expect(browser.complaints).to.deep.equal([]));

  const at = (path: string) => page.goto(`${api.url}/t/default${path}`);
  const says = async () => (await core.store.deviceTemplates('default')).find(({ name }) => name === 'Default')?.says;

  it('shows while somebody types what phones would get, and what is wrong at the field, and saves nothing', async () => {
    await at('/templates/device/Default');
    await page.getByLabel('Time server').fill('ntp.example');
    await page.locator('#preview').getByText('Phones whose file would be different: 3').waitFor();
    await page.locator('#preview ins').filter({ hasText: 'ntp.example' }).first().waitFor();
    await page.getByLabel('Family').selectOption('snom');
    await page.locator('#preview pre').filter({ hasText: '<phone-settings' }).waitFor();
    expect(await page.locator('#time-zones option[value="Europe/Berlin"]').count()).to.equal(1);
    await page.getByLabel('Time zone').fill('Berlin');
    await page.locator('#mistake-timeZone').filter({ hasText: 'is not a time zone' }).waitFor();
    expect(await page.getByLabel('Time server').inputValue()).to.equal('ntp.example');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('alert').waitFor();
    expect(await page.locator('#mistake-timeZone').textContent()).to.contain('is not a time zone');
    expect(await page.getByLabel('Time server').inputValue()).to.equal('ntp.example');
    expect((await says())?.ntpServer).to.equal(undefined);
  });

  it('saves what was changed and nothing else, and has just those phones fetch by a click', async () => {
    await at('/templates/device/Default');
    await page.getByLabel('Time server').fill('ntp.example');
    await page.getByLabel('Language of the display').fill('de');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('status').filter({ hasText: 'Saved' }).waitFor();
    expect(await says()).to.include({ ntpServer: 'ntp.example', language: 'de' });
    await page.getByLabel('Language of the display').fill('');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('status').filter({ hasText: 'Saved' }).waitFor();
    expect(await says()).to.deep.equal({ ntpServer: 'ntp.example' });
    await page.getByRole('button', { name: 'one after the other, phones: 3' }).click();
    await page.getByRole('heading', { name: 'device template Default' }).waitFor();
  });

  it('adds a template, has a profile name it, and removes it when nothing uses it', async () => {
    await at('/templates');
    await page.getByText('Add a device template').click();
    await page.locator('#devices ~ details input[name="body.name"]').fill('Default');
    await page.locator('#devices ~ details button').click();
    expect(await page.getByRole('alert').textContent()).to.contain('Default');
    await page.locator('#devices ~ details input[name="body.name"]').fill('Hall & <b>door</b>');
    await page.locator('#devices ~ details button').click();
    await page.getByRole('status').filter({ hasText: 'Added' }).waitFor();
    await at('/templates/profile/Default');
    await page.getByLabel('Device template').selectOption('Hall & <b>door</b>');
    await page.locator('#preview').getByText('Phones whose file would be different: 3').waitFor();
    await page.goto(`${api.url}/t/default/templates/device/${encodeURIComponent('Hall & <b>door</b>')}`);
    page.once('dialog', (dialog) => void dialog.accept());
    await page.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('status').filter({ hasText: 'removed' }).waitFor();
    expect((await core.store.deviceTemplates('default')).map(({ name }) => name)).to.deep.equal(['Default']);
  });

  it('draws keys on a model, moves them, says which find no place and which are wrong, and saves them', async () => {
    await at('/templates/device/Default/keys');
    await page.getByLabel('Family').selectOption('snom');
    await page.getByRole('heading', { name: 'snom' }).waitFor();
    await page.getByLabel('Family').selectOption('yealink');
    await page.getByRole('heading', { name: 'yealink' }).waitFor();
    await page.getByLabel('Model').fill('T20P');
    await page.getByLabel('Model').blur();
    await page.getByRole('heading', { name: 'yealink T20P' }).waitFor();
    for (const [nth, number] of ['1501', '15x', '1503'].entries()) {
      await page.getByRole('button', { name: 'Add a key' }).click();
      await page.locator(`[name="key.${nth}.value"]`).fill(number);
    }
    await page.locator('[name="key.2.label"]').fill('a:b;c "q"');
    await page.getByRole('button', { name: 'Draw them' }).last().click();
    await page.locator('#wrong-1').filter({ hasText: 'needs a number' }).waitFor();
    await page.locator('[name="key.1.value"]').fill('1502');
    await page.getByRole('button', { name: 'Move up: key 3' }).click();
    await page.locator('[name="key.1.value"][value="1503"]').waitFor();
    // Two keys, one of which is the line's.
    expect(await page.locator('.keys .used').allTextContents()).to.have.length(1);
    expect(await page.getByText('No key is left for it on this model.').count()).to.equal(2);
    const [from, to] = [page.locator('.handle').first(), page.locator('[data-nth="2"]')];
    await to.scrollIntoViewIfNeeded();
    await from.hover();
    await page.mouse.down();
    const { height = 0 } = (await to.boundingBox()) ?? {};
    await to.hover({ position: { x: 40, y: height - 5 } });
    await page.mouse.up();
    await page.locator('[name="key.2.value"][value="1501"]').waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('status').filter({ hasText: 'Saved' }).waitFor();
    expect((await says())?.keys?.map(({ value, label }) => [value, label])).to.deep.equal([
      ['1503', 'a:b;c "q"'],
      ['1502', '1502'],
      ['1501', '1501'],
    ]);
  });

  it('works without JavaScript', async () => {
    const cookies = await page.context().cookies();
    const context = await page.context().browser()?.newContext({ javaScriptEnabled: false });
    await context?.addCookies(cookies);
    const plain = await context?.newPage();
    if (plain === undefined) throw new Error('no page');
    await plain.goto(`${api.url}/t/default/templates/device/Default`);
    await plain.getByLabel('Time server').fill('other.example');
    await plain.getByRole('button', { name: 'Show' }).click();
    expect(await plain.locator('#preview ins').first().textContent()).to.contain('other.example');
    expect(await plain.getByLabel('Time server').inputValue()).to.equal('other.example');
    await plain.getByRole('button', { name: 'Save' }).click();
    expect(await plain.locator('.done').textContent()).to.contain('Saved');
    await plain.goto(`${api.url}/t/default/templates/device/Default/keys`);
    await plain.getByRole('button', { name: 'Remove: key 1' }).click();
    await plain.getByRole('button', { name: 'Save' }).click();
    expect((await says())?.keys?.map(({ value }) => value)).to.deep.equal(['1502', '1501']);
    await plain.getByRole('button', { name: 'Say nothing of keys here' }).click();
    expect(await says()).to.deep.equal({ ntpServer: 'other.example' });
    await context?.close();
  });
});
