import { expect } from 'chai';
import { addTenant } from '../../../src/administration/tenants.ts';
import { startApi, type TestApi } from '../../support/api.ts';
import { openTestCore, type TestCore } from '../../support/core.ts';

const KINDS = ['LineTemplate', 'DeviceTemplate'] as const;
const SAID = { LineTemplate: { codecs: 'g722,alaw' }, DeviceTemplate: { timeZone: 'UTC' } } as const;

describe('Profiles and templates by the API', () => {
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
  const at = (name: string, tenant = 'default') => ({ tenant, name });
  const name = 'Front desk/2';

  it('are made, whatever is in the name, found where the answer says, and used by each other', async () => {
    for (const kind of KINDS) await api.call(`add${kind}`, { body: { name, settings: SAID[kind] } });
    const body = { name, phoneLimit: 2, families: ['yealink'], lineTemplate: name, deviceTemplate: name };
    const added = await api.call('addProfile', { body });
    expect(added.status).to.equal(201);
    expect(added.headers.get('location')).to.equal('/api/v1/tenants/default/profiles/Front%20desk%2F2');
    expect(added.body).to.deep.equal({ ...body, selfProvisioning: true, users: 0, isDefault: false });
    expect((await api.call('getProfile', { at: at(name) })).body).to.deep.equal(added.body);
    for (const kind of KINDS) {
      const template = { name, says: SAID[kind], usedBy: [`profile ${name}`] };
      expect((await api.call(`get${kind}`, { at: at(name) })).body).to.deep.equal(template);
      const { body: list } = await api.call(`list${kind}s`, { query: { after: 'Default' } });
      expect(list).to.deep.equal({ items: [template], next: null });
    }
  });

  it('are changed in what is named, by who has seen them as they are', async () => {
    await api.call('addProfile', { body: { name, phoneLimit: 3 } });
    const etag = (await api.call('getProfile', { at: at(name) })).headers.get('etag') ?? '';
    const change = { at: at(name), body: { phoneLimit: 4 }, headers: { 'if-match': etag } };
    expect((await api.call('changeProfile', change)).body).to.include({ name, phoneLimit: 4 });
    expect((await api.call('changeProfile', change)).status).to.equal(412);
    for (const kind of KINDS) {
      await api.call(`add${kind}`, { body: { name, settings: SAID[kind] } });
      const renamed = await api.call(`change${kind}`, { at: at(name), body: { name: 'Reception' } });
      expect(renamed.body).to.deep.include({ name: 'Reception', says: SAID[kind] });
      const [setting = ''] = Object.keys(SAID[kind]);
      const back = { at: at('Reception'), body: { settings: { [setting]: 'inherit' } } };
      expect((await api.call(`change${kind}`, back)).body).to.deep.include({ says: {} });
    }
  });

  it('are removed once nobody has them', async () => {
    await api.call('addProfile', { body: { name } });
    for (const what of ['Profile', ...KINDS]) {
      expect((await api.call(`remove${what}`, { at: at('Default') })).status, what).to.equal(409);
      if (what !== 'Profile') await api.call(`add${what}`, { body: { name } });
      expect((await api.call(`remove${what}`, { at: at(name) })).status, what).to.equal(204);
      expect((await api.call(`get${what}`, { at: at(name) })).status, what).to.equal(404);
    }
  });

  it('do not show the password of a phone’s page', async () => {
    const { body } = await api.call('addDeviceTemplate', { body: { name, settings: { webPassword: 'Tr0ub4dor' } } });
    const shown = await api.call('getDeviceTemplate', { at: at(name) });
    expect(
      JSON.stringify([body, shown.body, await core.store.events({ tenantId: 'default', limit: 9 })]),
    ).not.to.contain('Tr0ub4dor');
  });

  it('of another tenant are not there, and none of what Asterisk has for all can be said by who has one tenant', async () => {
    await addTenant(core, { id: 'acme' });
    const token = await api.token(['read', 'write'], 'acme');
    for (const what of ['Profile', ...KINDS]) {
      await api.call(`add${what}`, { body: { name } });
      for (const verb of ['get', 'change', 'remove'])
        expect((await api.call(`${verb}${what}`, { at: at(name, 'acme'), token, body: {} })).status).to.equal(404);
    }
    const acme = { at: { tenant: 'acme' }, token };
    for (const settings of [
      { context: 'users' },
      { pickupGroup: '1' },
      { variables: 'A=b' },
      { mailbox: '1@default' },
    ]) {
      const [setting = ''] = Object.keys(settings);
      const { body } = await api.call('addLineTemplate', { ...acme, body: { name, settings } });
      expect(body, setting).to.include({ status: 403 });
      const user = { ...acme, body: { extension: '1500', name: 'Ann', settings } };
      expect((await api.call('addUser', user)).status, setting).to.equal(403);
    }
    const taken = { ...acme, body: { name, settings: { context: 'inherit', codecs: 'alaw' } } };
    expect((await api.call('addLineTemplate', taken)).status).to.equal(201);
    expect((await api.call('addLineTemplate', { body: { name: 'All', settings: { context: 'x' } } })).status).to.equal(
      201,
    );
  });
});
