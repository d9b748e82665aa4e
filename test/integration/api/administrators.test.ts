import { expect } from 'chai';
import { addTenant } from '../../../src/administration/tenants.ts';
import { startApi, type TestApi } from '../../support/api.ts';
import { openTestCore, type TestCore } from '../../support/core.ts';

interface Added {
  readonly name: string;
  readonly link: string;
}
interface Page {
  readonly items: readonly { readonly name: string }[];
}
const ALL = ['read', 'write', 'secrets', 'access'];

describe('Administrators by the API', () => {
  let core: TestCore;
  let api: TestApi;

  beforeEach(async () => {
    core = await openTestCore();
    api = await startApi(core);
    await addTenant(core, { id: 'acme' });
  });
  afterEach(async () => {
    await api.close();
    await core.close();
  });
  const add = (name: string, role: string, tenantId: string | null, token?: string) => {
    const body = { name, role, tenantId };
    return api.call<Added>('addAdministrator', token === undefined ? { body } : { body, token });
  };

  it('are added with a link that is shown this once, also when the request is sent twice', async () => {
    const request = { body: { name: 'Ann', role: 'helpdesk' }, headers: { 'idempotency-key': 'k' } };
    const [one, other] = [
      await api.call<Added>('addAdministrator', request),
      await api.call<Added>('addAdministrator', request),
    ];
    expect(one.status).to.equal(201);
    expect(one.body).to.include({ name: 'ann', role: 'helpdesk', tenantId: null, hasPassword: false });
    expect(other.body.link).to.equal(one.body.link);
    const shown = [await api.call('listAdministrators'), await api.call('listEvents')].map(({ body }) => body);
    expect(JSON.stringify([shown, api.log])).not.to.contain(one.body.link.split('/').at(-1));
    const link = await api.call<Added>('inviteAdministrator', { at: { name: 'ann' } });
    expect(link.body.link).not.to.equal(one.body.link);
  });

  it('get another role, by who has seen the one before, and are removed, but for the last one', async () => {
    await add('ann', 'administrator', null);
    const at = { name: 'ann' };
    expect((await api.call('removeAdministrator', { at })).status).to.equal(409);
    expect((await api.call('changeAdministrator', { at, body: { role: 'viewer' } })).status).to.equal(409);
    await add('bob', 'administrator', null);
    const etag = (await api.call('getAdministrator', { at })).headers.get('etag') ?? '';
    const change = { at, body: { role: 'viewer' }, headers: { 'if-match': etag } };
    expect((await api.call('changeAdministrator', change)).body).to.include({ role: 'viewer' });
    expect((await api.call('changeAdministrator', change)).status).to.equal(412);
    expect((await api.call('removeAdministrator', { at })).status).to.equal(204);
    expect((await api.call('getAdministrator', { at })).status).to.equal(404);
  });

  it('of a tenant are all that somebody of that tenant sees and touches', async () => {
    const token = await api.token(ALL, 'acme');
    await add('root', 'administrator', null);
    await add('dan', 'viewer', 'default');
    expect((await add('amy', 'administrator', 'acme', token)).status).to.equal(201);
    for (const of of [null, 'default', 'nobodys'])
      expect((await add('eve', 'viewer', of, token)).status, String(of)).to.equal(403);
    const { body } = await api.call<Page>('listAdministrators', { token });
    expect(body.items.map(({ name }) => name)).to.deep.equal(['amy']);
    for (const name of ['root', 'dan'])
      for (const id of ['getAdministrator', 'changeAdministrator', 'inviteAdministrator', 'removeAdministrator'])
        expect((await api.call(id, { at: { name }, token, body: { role: 'viewer' } })).status, id).to.equal(404);
  });

  it('may do no more than who makes them, nor can a link be had for one who may', async () => {
    const token = await api.token(['read', 'access']);
    await add('root', 'administrator', null);
    await add('vic', 'viewer', null);
    expect((await add('eve', 'administrator', null, token)).status).to.equal(403);
    expect((await add('eve', 'helpdesk', null, token)).status).to.equal(403);
    expect((await add('eve', 'viewer', null, token)).status).to.equal(201);
    for (const id of ['changeAdministrator', 'inviteAdministrator', 'removeAdministrator'])
      expect((await api.call(id, { at: { name: 'root' }, token, body: { role: 'viewer' } })).status, id).to.equal(403);
    const more = { at: { name: 'vic' }, token, body: { role: 'administrator' } };
    expect((await api.call('changeAdministrator', more)).status).to.equal(403);
    expect((await api.call('inviteAdministrator', { at: { name: 'vic' }, token })).status).to.equal(200);
  });
});
