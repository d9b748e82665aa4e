import { expect } from 'chai';
import { addAdministrator, invite } from '../../../src/administration/administrators.ts';
import { choosePassword } from '../../../src/administration/signIn.ts';
import { Secret } from '../../../src/domain/secret.ts';
import { startApi, type TestApi } from '../../support/api.ts';
import { openTestCore, type TestCore } from '../../support/core.ts';

const PASSWORD = 'correct horse battery';

describe('Whoever attacks the page', function () {
  // Each password takes a good part of a second.
  this.timeout(30_000);
  let core: TestCore;
  let api: TestApi;

  beforeEach(async () => {
    core = await openTestCore();
    api = await startApi(core);
    await addAdministrator(core, { name: 'ann', role: 'administrator', tenantId: null });
    const { token } = await invite(core, null, 'ann');
    await choosePassword(core, { token, password: new Secret(PASSWORD), address: '192.0.2.1' });
  });
  afterEach(async () => {
    await api.close();
    await core.close();
  });

  interface Sent {
    readonly headers?: Readonly<Record<string, string>>;
    readonly fields?: Readonly<Record<string, string>>;
  }
  const post = (path: string, { headers = { origin: api.url }, fields = {} }: Sent = {}): Promise<Response> =>
    fetch(`${api.url}${path}`, { method: 'POST', headers, body: new URLSearchParams(fields), redirect: 'manual' });
  const signIn = (more: Sent & { readonly to?: string } = {}): Promise<Response> =>
    post('/sign-in', { ...more, fields: { name: 'ann', password: PASSWORD, to: more.to ?? '' } });
  const cookieOf = (response: Response): string => (response.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  const add = { 'at.tenant': 'default', 'body.extension': '1500', 'body.name': 'Ann' };
  const users = async (): Promise<number> => (await core.store.users('default')).length;

  it('has no form of another site sent in an administrator’s name', async () => {
    const cookie = cookieOf(await signIn());
    const attempts: Readonly<Record<string, string>>[] = [
      {},
      { origin: 'http://evil.example' },
      { origin: 'null' },
      { origin: api.url.replace(/:\d+$/, ':1') },
      { origin: api.url, 'sec-fetch-site': 'cross-site' },
      { origin: api.url, 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'none' },
    ];
    for (const headers of attempts)
      expect((await post('/do/addUser', { headers: { ...headers, cookie }, fields: add })).status).to.equal(403);
    expect(await users()).to.equal(0);
    expect((await post('/do/addUser', { headers: { origin: api.url, cookie }, fields: add })).status).to.equal(200);
    // What only reads is not done by a form, and what does something not by a link.
    for (const path of ['/do/addUser', '/do/removeUser'])
      expect((await fetch(`${api.url}${path}`, { headers: { cookie } })).status).to.equal(404);
  });

  it('cannot have a browser show a session that is known already', async () => {
    const planted = 'selfprov_session=planted';
    const response = await signIn({ headers: { origin: api.url, cookie: planted } });
    expect(cookieOf(response)).to.match(/^selfprov_session=\w{24}$/);
    expect(response.headers.get('set-cookie')).to.match(/; HttpOnly; SameSite=Lax$/);
    const shown = await fetch(api.url, { headers: { cookie: planted }, redirect: 'manual' });
    expect(shown.headers.get('location')).to.equal('/sign-in');
  });

  it('has nobody sent to another site after signing in', async () => {
    for (const to of [
      '//evil.example',
      'https://evil.example',
      '/\\evil.example',
      '/\tx',
      'javascript:alert(1)',
      '',
      '/.//evil.example',
      '/a/..//evil.example',
      '/%2e//evil.example',
    ]) {
      expect((await signIn({ to })).headers.get('location'), to).to.equal('/');
    }
    expect((await signIn({ to: '/t/default/users?search=a' })).headers.get('location')).to.equal(
      '/t/default/users?search=a',
    );
  });

  it('has nobody sent to another site after something was done', async () => {
    const headers = { origin: api.url, cookie: cookieOf(await signIn()) };
    const fields = { 'at.tenant': 'default', 'body.name': 'First', back: '/.//evil.example' };
    const done = await post('/do/changeTenant', { headers, fields });
    expect(done.headers.get('location')).to.equal('/?done=changeTenant');
  });

  it('gets no script, no frame and nothing from elsewhere into any page, with whatever a phone or a user is called', async () => {
    const cookie = cookieOf(await signIn());
    const hostile = `"><img src=x onerror=alert(1)>{{t.name}}'&`;
    await api.call('addUser', { body: { extension: '1500', name: hostile } });
    await api.call('addDevice', { body: { family: 'yealink', mac: '001565000001', model: hostile, note: hostile } });
    const settings = { keys: `blf:1501:${hostile.replaceAll(/[:;]/g, '')}`, webPassword: 'Tr0ub4dor' };
    await api.call('addDeviceTemplate', { body: { name: hostile, settings } });
    await api.call('addLineTemplate', { body: { name: hostile } });
    await api.call('addProfile', { body: { name: hostile, deviceTemplate: hostile, lineTemplate: hostile } });
    const named = encodeURIComponent(hostile);
    for (const path of [
      '',
      '/templates',
      `/templates/device/${named}`,
      `/templates/device/${named}/keys`,
      `/templates/line/${named}`,
      `/templates/profile/${named}`,
      '/devices/001565000001/keys',
      '/users',
      '/users/1500',
      '/devices',
      '/devices/001565000001',
      '/events',
      '/syncs',
      '/access',
      '/policy',
      '/import/users',
      '/device-actions?action=block&mac.001565000001=true',
      '/../../tenants',
    ]) {
      const query =
        path === '/users' ? `?search=${encodeURIComponent(hostile)}&done=${encodeURIComponent(hostile)}` : '';
      const response = await fetch(`${api.url}/t/default${path}${query}`, { headers: { cookie } });
      const html = await response.text();
      expect(response.status, path).to.equal(200);
      expect(html, path).not.to.contain('<img').and.not.contain('Tr0ub4dor');
      expect(html, path).not.to.match(/<script(?! src="\/assets\/)/);
      const policy = response.headers.get('content-security-policy') ?? '';
      expect(policy).to.contain("default-src 'none'").and.contain("frame-ancestors 'none'").and.not.contain('unsafe');
      expect(response.headers.get('cache-control')).to.equal('no-store');
      expect(response.headers.get('referrer-policy')).to.equal('same-origin');
    }
  });

  it('hears the same of a wrong password and of a name that there is not, and is shut out after five', async () => {
    const said: string[] = [];
    for (const name of ['ann', 'nobody', 'ann', 'nobody', 'ann', 'ann']) {
      const response = await post('/sign-in', { fields: { name, password: 'wrong password' } });
      said.push(`${response.status} ${/role="alert">([^<]*)/.exec(await response.text())?.[1]}`);
    }
    expect(new Set(said.slice(0, 5)).size).to.equal(1);
    expect(said[5]).to.match(/^429 too many/);
    expect((await signIn()).status).to.equal(429);
  });

  it('finds no link, session or password in the log', async () => {
    const { token } = await invite(core, null, 'ann');
    const cookie = cookieOf(await signIn());
    await fetch(`${api.url}/welcome/${token.reveal()}`);
    await fetch(`${api.url}/t/nobodys`, { headers: { cookie } });
    const log = api.log.join('\n');
    for (const secret of [token.reveal(), cookie.split('=')[1] ?? 'none', PASSWORD]) expect(log).not.to.contain(secret);
  });

  it('of one tenant sees and does nothing in another one', async () => {
    await api.call('addTenant', { body: { id: 'acme' } });
    await addAdministrator(core, { name: 'joe', role: 'administrator', tenantId: 'acme' });
    const { token } = await invite(core, null, 'joe');
    const { session } = await choosePassword(core, { token, password: new Secret(PASSWORD), address: '192.0.2.1' });
    const cookie = `selfprov_session=${session.reveal()}`;
    expect((await fetch(`${api.url}/t/acme/users`, { headers: { cookie } })).status).to.equal(200);
    for (const path of ['', '/device/Default', '/device/Default/keys', '/line/Default', '/profile/Default'])
      expect((await fetch(`${api.url}/t/acme/templates${path}`, { headers: { cookie } })).status, path).to.equal(200);
    for (const path of [
      '',
      '/users',
      '/devices',
      '/events',
      '/syncs',
      '/templates',
      '/templates/device/Default',
      '/policy',
      '/../../tenants',
      '/../../get/exportUsers?tenant=default',
    ])
      expect((await fetch(`${api.url}/t/default${path}`, { headers: { cookie } })).status, path).to.equal(403);
    expect((await post('/do/addUser', { headers: { origin: api.url, cookie }, fields: add })).status).to.equal(403);
    const people = await (await fetch(`${api.url}/t/acme/access`, { headers: { cookie } })).text();
    expect(people).to.contain('joe').and.not.contain('>ann<');
  });
});
