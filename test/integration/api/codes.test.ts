import { expect } from 'chai';
import { addTenant } from '../../../src/administration/tenants.ts';
import { startApi, type TestApi } from '../../support/api.ts';
import { openTestCore, type TestCore } from '../../support/core.ts';

interface Code {
  readonly id: string;
  readonly code: string;
}
interface Page {
  readonly items: readonly { readonly id: string }[];
}

describe('Codes and redirects by the API', () => {
  let core: TestCore;
  let api: TestApi;

  beforeEach(async () => {
    core = await openTestCore();
    api = await startApi(core);
    await api.call('addUser', { body: { extension: '1500', name: 'Ann' } });
  });
  afterEach(async () => {
    await api.close();
    await core.close();
  });

  it('make a code that is shown this once, for one kind of phone and so many minutes', async () => {
    const body = { extension: '1500', minutes: 30, family: 'yealink', mac: '0015.6500.0001' };
    const { status, body: made } = await api.call<Code>('addCode', { body });
    expect(status).to.equal(201);
    const { code, ...rest } = made;
    expect(code).to.match(/^\d{8,}$/);
    expect(rest).to.include({ mac: '00:15:65:00:00:01', usedAt: null, expiresAt: '2026-01-05T08:30:00.000Z' });
    const list = await api.call<Page>('listCodes');
    expect(list.body.items).to.deep.equal([rest]);
    expect(JSON.stringify([list.body, (await api.call('listEvents')).body, api.log])).not.to.contain(code);
    expect((await api.call('removeCode', { at: { tenant: 'default', id: made.id } })).status).to.equal(204);
    expect((await api.call<Page>('listCodes')).body.items).to.deep.equal([]);
  });

  it('refuse a code for nobody, for no time, and for no kind of phone', async () => {
    for (const [body, status] of [
      [{ extension: '1999' }, 404],
      [{ extension: '1500', minutes: 0 }, 400],
      [{ extension: '1500', family: 'yaelink' }, 404],
    ] as const)
      expect((await api.call('addCode', { body })).status).to.equal(status);
  });

  it('do not show or take a code of another tenant', async () => {
    await addTenant(core, { id: 'acme' });
    const token = await api.token(['read', 'write'], 'acme');
    const { body } = await api.call<Code>('addCode', { body: { extension: '1500' } });
    const acme = { tenant: 'acme' };
    expect((await api.call<Page>('listCodes', { at: acme, token })).body.items).to.deep.equal([]);
    expect((await api.call('removeCode', { at: { ...acme, id: body.id }, token })).status).to.equal(404);
    expect((await api.call('addCode', { at: acme, token, body: { extension: '1500' } })).status).to.equal(404);
  });

  it('send phones elsewhere by rules, which are added once and removed', async () => {
    const body = { family: 'yealink', model: 'T4*', url: 'https://acme.example' };
    const { body: rule } = await api.call<{ id: string }>('addRedirect', { body });
    expect(rule).to.include({ family: 'yealink', model: 'T4*', mac: null, url: 'https://acme.example/' });
    expect((await api.call('addRedirect', { body })).status).to.equal(409);
    const nowhere = await api.call('addRedirect', { body: { mac: '00:15:65', url: null } });
    expect(nowhere.body).to.include({ mac: '00:15:65', url: null });
    expect((await api.call<Page>('listRedirects')).body.items).to.have.length(2);
    expect((await api.call('removeRedirect', { at: { id: rule.id } })).status).to.equal(204);
    expect((await api.call<Page>('listRedirects')).body.items).to.have.length(1);
  });
});
