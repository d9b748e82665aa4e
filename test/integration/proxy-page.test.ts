import { expect } from 'chai';
import { addAdministrator, invite } from '../../src/administration/administrators.ts';
import { choosePassword } from '../../src/administration/signIn.ts';
import { readConfig } from '../../src/config.ts';
import { Secret } from '../../src/domain/secret.ts';
import { startApi, type TestApi } from '../support/api.ts';
import { openTestCore, type TestCore } from '../support/core.ts';

describe('The page behind a proxy that says who has signed in', function () {
  // Each password takes a good part of a second.
  this.timeout(30_000);
  let core: TestCore;
  let api: TestApi;

  async function start(from: readonly string[]): Promise<void> {
    core = await openTestCore();
    const userHeader = { name: 'Remote-User', from };
    api = await startApi(core, {}, { signInWays: { userHeader }, trustProxy: from });
    await addAdministrator(core, { name: 'ann', role: 'administrator', tenantId: null });
    await addAdministrator(core, { name: 'bob', role: 'viewer', tenantId: null });
  }
  afterEach(async () => {
    await api.close();
    await core.close();
  });
  const ask = (path: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
    fetch(`${api.url}${path}`, { headers, redirect: 'manual' });
  const addUser = (headers: Readonly<Record<string, string>>): Promise<Response> =>
    fetch(`${api.url}/do/addUser`, {
      ...{ method: 'POST', headers, redirect: 'manual' },
      body: new URLSearchParams({ 'at.tenant': 'default', 'body.extension': '1500', 'body.name': 'Ann' }),
    });

  it('believes it of each request, with what that administrator may, and leaves signing out to it', async () => {
    await start(['127.0.0.0/8']);
    const page = await ask('/t/default/users', { 'remote-user': ' Ann ' });
    expect(page.status).to.equal(200);
    expect(await page.text())
      .to.contain('<a href="/me">ann</a>')
      .and.not.contain('Sign out');
    expect(page.headers.get('set-cookie')).to.equal(null);
    // What the proxy asks for is none of ours to change.
    expect(await (await ask('/me', { 'remote-user': 'ann' })).text()).to.contain('You have no password here');
    expect((await ask('/sign-in?to=/t/default/users', { 'remote-user': 'ann' })).headers.get('location')).to.equal(
      '/t/default/users',
    );
    expect((await ask('/t/default/users')).status).to.equal(303);
    const origin = { origin: api.url };
    expect((await addUser({ ...origin, 'remote-user': 'bob' })).status).to.equal(403);
    expect((await addUser({ origin: 'http://evil.example', 'remote-user': 'ann' })).status).to.equal(403);
    expect((await addUser({ ...origin, 'remote-user': 'ann' })).status).to.equal(200);
    expect((await core.store.events({ tenantId: 'default', step: 'user_added', limit: 1 }))[0]).to.include({
      actor: 'page:ann',
    });
  });

  it('says to whom nobody has added that there is no such administrator, also where two names come', async () => {
    await start(['127.0.0.1']);
    for (const name of ['eve', 'ann, bob', "ann'--"]) {
      const response = await ask('/t/default/users', { 'remote-user': name });
      expect(response.status, name).to.equal(403);
      expect(await response.text()).to.contain('selfprov administrator add');
    }
  });

  it('refuses who says so from elsewhere, whatever comes with it', async () => {
    await start(['192.0.2.7', '2001:db8::/32']);
    for (const forwarded of ['192.0.2.7', '127.0.0.1', '2001:db8::1'])
      for (const path of ['/', '/sign-in', '/t/default/users', '/assets/style.css']) {
        const response = await ask(path, { 'remote-user': 'ann', 'x-forwarded-for': forwarded });
        expect(response.status, path).to.equal(path.startsWith('/assets') ? 200 : 403);
        if (response.status === 403) expect(await response.text()).to.contain('none of SELFPROV_USER_HEADER_FROM');
      }
    expect((await ask('/sign-in')).status).to.equal(200);
  });

  it('has the address of the browser in the journal, and Secure cookies, as the proxy says them', async () => {
    await start(['127.0.0.1']);
    const { token } = await invite(core, null, 'ann');
    const password = 'correct horse battery';
    await choosePassword(core, { token, password: new Secret(password), address: '192.0.2.1' });
    const sign = (headers: Readonly<Record<string, string>>): Promise<Response> =>
      fetch(`${api.url}/sign-in`, {
        ...{ method: 'POST', redirect: 'manual', headers },
        body: new URLSearchParams({ name: 'ann', password }),
      });
    const origin = api.url.replace('http:', 'https:');
    const signed = await sign({ origin, 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.9' });
    expect(signed.headers.get('set-cookie')).to.match(/; Secure; SameSite=Lax$/);
    expect(signed.headers.get('strict-transport-security')).to.equal(null);
    const [event] = await core.store.events({ tenantId: 'default', step: 'signed_in', limit: 1 });
    expect(event).to.deep.include({ address: '203.0.113.9', detail: { what: 'sign-in' } });
    expect((await sign({ origin: api.url })).headers.get('set-cookie')).not.to.contain('Secure');
  });
});

describe('Settings of who may come in', () => {
  const mistakesOf = (environment: Readonly<Record<string, string>>): string => {
    try {
      readConfig(environment);
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };
  const OIDC = {
    SELFPROV_OIDC_ISSUER: 'https://id.example/',
    SELFPROV_OIDC_CLIENT_ID: 'selfprov',
    SELFPROV_ADMIN_URL: 'https://selfprov.example/',
  };

  it('are whole, or refused with what is missing', () => {
    const wrong: readonly (readonly [Readonly<Record<string, string>>, RegExp])[] = [
      [{ SELFPROV_USER_HEADER: 'Remote-User' }, /SELFPROV_USER_HEADER_FROM: needed beside SELFPROV_USER_HEADER/],
      [{ SELFPROV_USER_HEADER_FROM: '10.0.0.1' }, /SELFPROV_USER_HEADER: needed beside/],
      [{ SELFPROV_USER_HEADER: 'Remote User', SELFPROV_USER_HEADER_FROM: '10.0.0.1' }, /the name of a header/],
      [{ SELFPROV_USER_HEADER: 'X', SELFPROV_USER_HEADER_FROM: 'loopback' }, /an address, or a network/],
      [{ SELFPROV_USER_HEADER: 'X', SELFPROV_USER_HEADER_FROM: '0.0.0.0/0' }, /not everything/],
      [{ ...OIDC, SELFPROV_OIDC_CLIENT_ID: '' }, /SELFPROV_OIDC_CLIENT_ID: needed beside/],
      [{ ...OIDC, SELFPROV_ADMIN_URL: '' }, /SELFPROV_ADMIN_URL: needed beside SELFPROV_OIDC_ISSUER/],
      [{ ...OIDC, SELFPROV_OIDC_ISSUER: 'http://id.example/' }, /a URL with https, but on this machine/],
      [{ ...OIDC, SELFPROV_OIDC_ROLE_CLAIM: 'groups' }, /SELFPROV_OIDC_ROLES: needed beside/],
      [{ ...OIDC, SELFPROV_OIDC_ROLE_CLAIM: 'groups', SELFPROV_OIDC_ROLES: 'it=boss' }, /like it-team=administrator/],
      [
        { ...OIDC, SELFPROV_OIDC_CLIENT_SECRET: 'sesame', SELFPROV_OIDC_CLIENT_SECRET_FILE: '/x' },
        /SELFPROV_OIDC_CLIENT_SECRET: not beside/,
      ],
      [{ SELFPROV_OIDC_NAME_CLAIM: 'email' }, /SELFPROV_OIDC_NAME_CLAIM: of no use without SELFPROV_OIDC_ISSUER/],
      [{ SELFPROV_ADMIN_TLS_CERT: '/x' }, /SELFPROV_ADMIN_TLS_KEY: needed beside/],
    ];
    for (const [environment, expected] of wrong) {
      expect(mistakesOf(environment), JSON.stringify(environment)).to.match(expected);
      expect(mistakesOf(environment)).not.to.contain('sesame');
    }
    const roles = { SELFPROV_OIDC_ROLE_CLAIM: 'groups', SELFPROV_OIDC_ROLES: 'cn=it,ou=x=viewer, desk=helpdesk' };
    expect(mistakesOf({ ...OIDC, ...roles })).to.match(/like it-team/);
    const { openId } = readConfig({ ...OIDC, ...roles, SELFPROV_OIDC_ROLES: 'a=b=viewer, desk=helpdesk' }).admin;
    expect(openId?.roles?.of).to.deep.equal(
      new Map([
        ['a=b', 'viewer'],
        ['desk', 'helpdesk'],
      ]),
    );
  });
});
