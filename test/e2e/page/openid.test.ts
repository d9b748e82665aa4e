import { expect } from 'chai';
import { addAdministrator } from '../../../src/administration/administrators.ts';
import type { Config } from '../../../src/config.ts';
import { signInFindings } from '../../../src/doctorService.ts';
import type { Role } from '../../../src/domain/access.ts';
import { Secret } from '../../../src/domain/secret.ts';
import { openIdAt } from '../../../src/openId/openId.ts';
import { startApi, type TestApi } from '../../support/api.ts';
import { startBrowser, violationsOn } from '../../support/browser.ts';
import { openTestCore, type TestCore } from '../../support/core.ts';
import { freePorts } from '../../support/freePorts.ts';
import { CLIENT, startOpenIdProvider, type OpenIdProvider } from '../../support/openIdProvider.ts';

const ROLES = {
  claim: 'groups',
  of: new Map<string, Role>([
    ['it', 'administrator'],
    ['desk', 'helpdesk'],
  ]),
};

describe('An administrator who signs in at a provider of OpenID Connect', function () {
  this.timeout(30_000);
  let core: TestCore;
  let api: TestApi;
  let provider: OpenIdProvider;
  let home: string;
  let failures: unknown[];
  let found: () => Promise<readonly string[]>;

  async function start({ roles, secret = CLIENT.secret }: { roles?: typeof ROLES; secret?: string } = {}) {
    core = await openTestCore();
    failures = [];
    const [port = 0, other = 0] = await freePorts(2);
    home = `http://127.0.0.1:${port}/`;
    provider = await startOpenIdProvider(other, home);
    const settings = {
      ...{ issuer: provider.issuer, clientId: CLIENT.id, secret: new Secret(secret), scopes: ['profile', 'email'] },
      ...{ nameClaim: 'preferred_username', roles },
    };
    // As the doctor reads them.
    found = async () =>
      (await signInFindings({ config: { admin: { openId: settings, url: home } } as unknown as Config })).map(
        ({ state, says }) => `${state}: ${says}`,
      );
    const openId = openIdAt(settings, home, (error) => failures.push(error));
    api = await startApi(core, {}, { port, signInWays: { openId } });
  }
  afterEach(async () => {
    await api.close();
    await provider.close();
    await core.close();
  });
  const add = (name: string, role: Role = 'administrator') => addAdministrator(core, { name, role, tenantId: null });

  /** A browser without a screen: it keeps what each of the two has set. */
  function visitor() {
    const jars = new Map<string, Map<string, string>>();
    async function go(url: string, how: RequestInit = {}): Promise<Response> {
      const { origin } = new URL(url);
      const jar = jars.get(origin) ?? new Map<string, string>();
      jars.set(origin, jar);
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
      const response = await fetch(url, { ...how, redirect: 'manual', headers: { ...how.headers, cookie } });
      for (const set of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
        if (value === '') jar.delete(name);
        else jar.set(name, value);
      }
      return response;
    }
    /** Goes where it is sent, as far as it is not to stop before a URL. */
    async function follow(
      url: string,
      before?: RegExp,
    ): Promise<{ readonly response: Response; readonly url: string }> {
      let response = await go(url);
      for (let at = url; ;) {
        const to = response.headers.get('location');
        if (to === null && !at.includes('/interaction/')) return { response, url: at };
        const next = to === null ? at : new URL(to, at).href;
        if (before?.test(next) === true) return { response, url: next };
        at = next;
        response = await go(next, to === null ? { method: 'POST' } : {});
      }
    }
    return { go, follow, jar: (origin: string) => jars.get(origin) };
  }
  const alertIn = async (response: Response): Promise<string> =>
    (/role="alert">([^<]*)/.exec(await response.text())?.[1] ?? '').replaceAll('&#39;', "'");

  it('goes there by a link, comes back to where it was going, and signs out here and there', async () => {
    await start();
    await add('ann');
    const browser = await startBrowser();
    try {
      provider.signsIn({ preferred_username: 'Ann' });
      const page = await browser.open(`${home}t/default/users`, { other: new URL(provider.issuer).host });
      await page.getByRole('link', { name: 'Sign in at 127.0.0.1' }).click();
      await page.getByRole('button', { name: 'It is me' }).click();
      await page.getByRole('heading', { name: 'Users' }).waitFor();
      expect(await page.locator('.who').textContent()).to.contain('ann');
      const cookies = (await page.context().cookies(home)).filter(({ name }) => name.startsWith('selfprov_'));
      expect(cookies.map(({ name, httpOnly, sameSite }) => [name, httpOnly, sameSite])).to.deep.equal([
        ['selfprov_session', true, 'Lax'],
      ]);
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByText('You are signed out here.').waitFor();
      for (const [dark, width] of [
        [false, 1200],
        [true, 375],
      ] as const) {
        await page.emulateMedia({ colorScheme: dark ? 'dark' : 'light' });
        await page.setViewportSize({ width, height: 800 });
        expect(await violationsOn(page)).to.deep.equal([]);
        const pictures = process.env['SELFPROV_PICTURES'];
        if (pictures !== undefined) await page.screenshot({ path: `${pictures}/sign-in-${width}.png` });
      }
      await page.getByRole('link', { name: 'Sign out there too' }).click();
      await page.waitForURL(`${provider.issuer}/session/end**`);
      expect(browser.complaints).to.deep.equal([]);
    } finally {
      await browser.close();
    }
    const [event] = await core.store.events({ tenantId: 'default', step: 'signed_in', limit: 1 });
    const by = new URL(provider.issuer).host;
    expect(event).to.deep.include({ actor: 'page:ann', address: '127.0.0.1', detail: { what: 'sign-in', by } });
  });

  it('is not let in unless somebody here has added that name, and hears who does', async () => {
    await start();
    provider.signsIn({ preferred_username: 'eve' });
    const { response } = await visitor().follow(`${home}sign-in/openid`);
    expect(response.status).to.equal(403);
    expect(await alertIn(response)).to.match(
      /you are eve, and there is no such administrator.*selfprov administrator add/,
    );
    provider.signsIn({ preferred_username: undefined, email: 'a@b' });
    const nameless = await visitor().follow(`${home}sign-in/openid`);
    expect(await alertIn(nameless.response)).to.match(/no preferred_username \(SELFPROV_OIDC_NAME_CLAIM\)/);
  });

  it('is made, changed and turned away as the groups there say, each time, where that is set', async () => {
    await start({ roles: ROLES });
    await add('root');
    const roleOf = async (name: string) => (await core.store.administrator(name))?.role;
    const come = async (groups: unknown) => {
      provider.signsIn({ preferred_username: 'ann', groups });
      return (await visitor().follow(`${home}sign-in/openid?to=/t/default/users`)).response;
    };
    expect((await come(['desk', 'others'])).status).to.equal(200);
    expect(await roleOf('ann')).to.equal('helpdesk');
    expect((await come(['desk', 'it'])).status).to.equal(200);
    expect(await roleOf('ann')).to.equal('administrator');
    for (const none of [['others'], 'others', undefined, { it: true }]) {
      const response = await come(none);
      expect(response.status).to.equal(403);
      expect(await alertIn(response)).to.match(/says nothing of ann .*ask for one of it, desk/);
    }
    expect((await come('desk')).status).to.equal(200);
    expect(await roleOf('ann')).to.equal('helpdesk');
    const made = (await core.store.events({ tenantId: 'default', step: 'created', limit: 9 })).at(-1);
    expect(made).to.deep.include({ actor: 'selfprov' });
  });

  it('cannot be made to finish what somebody else has begun, nor twice, nor with a session that is known already', async () => {
    await start();
    await add('ann');
    provider.signsIn({ preferred_username: 'ann' });
    const [ann, other] = [visitor(), visitor()];
    const { url } = await ann.follow(`${home}sign-in/openid`, /openid\/back/);
    const refused = await other.go(url);
    expect(refused.status).to.equal(401);
    expect(await alertIn(refused)).to.contain('has not begun to sign in');
    await other.go(`${home}sign-in/openid`);
    expect(await alertIn(await other.go(url))).to.match(/is none, or too old: sign in once more/);
    // Before anything was asked of the provider.
    expect(failures.at(-1)).to.have.property('code', 'OAUTH_INVALID_RESPONSE');
    const planted = { headers: { cookie: 'selfprov_session=planted' } };
    await fetch(`${home}sign-in`, planted);
    const done = await ann.go(url);
    expect(done.headers.get('location')).to.equal('/');
    const session = /selfprov_session=(\w+)/.exec(done.headers.get('set-cookie') ?? '')?.[1];
    expect(session).to.match(/^\w{24}$/);
    const again = await ann.go(url);
    expect(again.status).to.equal(401);
    expect(await alertIn(again)).to.contain('has not begun to sign in');
    for (const secret of [session ?? '-', CLIENT.secret, new URL(url).searchParams.get('code') ?? '-'])
      expect(JSON.stringify([api.log, failures.map(String)])).not.to.contain(secret);
  });

  it('is sent nowhere else, and hears what the provider says without any of it being markup', async () => {
    await start();
    await add('ann');
    provider.signsIn({ preferred_username: 'ann' });
    const { url } = await visitor().follow(`${home}sign-in/openid?to=https://evil.example`);
    expect(url).to.equal(`${home}t/default`);
    provider.signsIn(null);
    const { response } = await visitor().follow(`${home}sign-in/openid`);
    expect(response.status).to.equal(401);
    expect(await response.text()).to.contain('lets nobody in: nobody &lt;b&gt;may&lt;/b&gt;');
  });

  it('hears that the provider is away, or knows another secret, and may sign in by name and password meanwhile', async () => {
    await start({ secret: 'another one' });
    provider.signsIn({ preferred_username: 'ann' });
    const other = await visitor().follow(`${home}sign-in/openid`);
    expect(await alertIn(other.response)).to.match(/does not know this selfprov.*SELFPROV_OIDC_CLIENT_ID, _SECRET/);
    await api.close();
    await provider.close();
    await core.close();
    await start();
    expect((await found())[0]).to.match(/^well: administrators sign in at 127\.0\.0\.1:\d+, which answers$/);
    await provider.close();
    expect((await found())[0]).to.match(
      /^wrong: http:\S+, where administrators sign in, cannot be asked: .*ECONNREFUSED/,
    );
    const { response } = await visitor().follow(`${home}sign-in/openid?to=/t/default/users`);
    expect(response.status).to.equal(503);
    const html = await response.text();
    expect(html).to.match(/cannot be asked at the moment: try again, or sign in by name and password/);
    expect(html).to.contain('name="password"').and.to.contain('name="to" value="/t/default/users"');
    expect(failures).to.have.length(1);
  });
});
