import { expect } from 'chai';
import { RIGHTS, SCOPES, type Right } from '../../../src/domain/access.ts';
import { OPERATIONS } from '../../../src/api/operations.ts';
import { SOMEWHERE, startApi, type TestApi } from '../../support/api.ts';
import { openTestCore, type TestCore } from '../../support/core.ts';
import { addTenant } from '../../../src/administration/tenants.ts';

describe('Who may use the API', () => {
  let core: TestCore;
  let api: TestApi;

  beforeEach(async () => {
    core = await openTestCore();
    api = await startApi(core);
  });
  afterEach(async () => {
    await api.close();
    await core.close();
  });

  /** Whether it is let in, whatever comes of it. */
  async function isLetIn(id: string, token: string | null, tenant = 'default'): Promise<boolean> {
    const at = { ...SOMEWHERE, tenant };
    const { status } = await api.call(id, { at, token, body: {} });
    return status !== 401 && status !== 403;
  }

  it('is nobody without a token, but for the document of what there is', async () => {
    for (const { id } of OPERATIONS) expect(await isLetIn(id, null), id).to.equal(false);
    for (const token of ['x', 'selfprov_x', '']) expect(await isLetIn('listUsers', token), token).to.equal(false);
    const response = await fetch(`${api.url}/api/v1/tenants/default/users`);
    expect(response.status).to.equal(401);
    expect(response.headers.get('www-authenticate')).to.equal('Bearer realm="selfprov"');
    expect((await fetch(`${api.url}/api/v1/openapi.json`)).status).to.equal(200);
  });

  for (const right of Object.keys(RIGHTS) as Right[]) {
    it(`may do just what needs it with the right to ${RIGHTS[right]}`, async () => {
      const [scope] = Object.entries(SCOPES).find(([, rights]) => rights.some((each) => each === right)) ?? [''];
      const token = await api.token([scope]);
      const rights: readonly Right[] = SCOPES[scope as keyof typeof SCOPES];
      for (const operation of OPERATIONS)
        expect(await isLetIn(operation.id, token), operation.id).to.equal(rights.includes(operation.right));
    });
  }

  it('may not touch another tenant, nor what is above tenants, with a token of one: whether there is such a thing is not told', async () => {
    await addTenant(core, { id: 'acme' });
    const token = await api.token(Object.keys(SCOPES), 'acme');
    const ofTenants = OPERATIONS.filter(({ path, isAbove }) => path.includes('{tenant}') && isAbove !== true);
    for (const { id } of ofTenants) {
      expect(await isLetIn(id, token, 'acme'), id).to.equal(true);
      expect(await isLetIn(id, token), id).to.equal(false);
      expect(await isLetIn(id, token, 'nobodys'), id).to.equal(false);
    }
    const above = OPERATIONS.filter(
      ({ path, isForAll, isAbove }) => isAbove === true || (!path.includes('{tenant}') && isForAll !== true),
    );
    expect(above).not.to.have.length(0);
    for (const { id } of above) expect(await isLetIn(id, token, 'acme'), id).to.equal(false);
    const { body } = await api.call<{ items: { tenantId: string }[] }>('listTokens', { token });
    expect(body.items.map(({ tenantId }) => tenantId)).to.deep.equal(['acme']);
    expect((await api.call('removeToken', { token, at: { name: 'test-1' } })).status).to.equal(404);
  });

  it('can make no token that may do more than its own', async () => {
    const token = await api.token(['access', 'read']);
    const body = { name: 'more', scopes: ['write'] };
    expect((await api.call('addToken', { token, body })).status).to.equal(403);
    const made = await api.call<{ token: string; expiresAt: string }>('addToken', {
      token,
      body: { name: 'less', scopes: ['read'] },
    });
    expect(await isLetIn('listUsers', made.body.token)).to.equal(true);
    expect(made.body.expiresAt).to.equal('2026-04-05T08:00:00.000Z');
    core.pass(91 * 24 * 60 * 60_000);
    expect(await isLetIn('listUsers', made.body.token)).to.equal(false);
  });

  it('is nobody any more once the token is removed; what it was is in no log, no list and not in the database', async () => {
    const token = await api.token(['read']);
    expect(await isLetIn('listUsers', token)).to.equal(true);
    const { body } = await api.call('listTokens');
    expect(body)
      .to.have.deep.nested.property('items[1]')
      .that.deep.includes({ name: 'test-2', scopes: ['read'], usedAt: '2026-01-05T08:00:00.000Z' });
    await api.call('removeToken', { at: { name: 'test-2' } });
    expect(await isLetIn('listUsers', token)).to.equal(false);
    const stored = core.connect();
    const rows = [await stored('api_tokens'), await stored('events')];
    await stored.destroy();
    expect(JSON.stringify([rows, body, api.log])).not.to.contain(token.slice(9));
  });
});
