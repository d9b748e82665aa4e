import { expect } from 'chai';
import { changeDevice } from '../../../src/administration/devices.ts';
import { addTenant } from '../../../src/administration/tenants.ts';
import { addUser } from '../../../src/administration/users.ts';
import { formatMac } from '../../../src/domain/mac.ts';
import { selfProvision } from '../../../src/ivr/selfProvision.ts';
import { startApi, type TestApi } from '../../support/api.ts';
import { openTestCore, type TestCore } from '../../support/core.ts';
import { scriptedCall } from '../../support/scriptedCall.ts';
import { enrol, HOME } from '../../support/steps.ts';

const DESK = '001565aabb02';
const PIN = '840271';

describe('A phone of one tenant that a user of another has borrowed', () => {
  let core: TestCore;
  let api: TestApi;

  beforeEach(async () => {
    core = await openTestCore();
    api = await startApi(core);
    await addTenant(core, { id: 'acme', name: 'Acme' });
    await addUser(core, { tenantId: 'acme', extension: '1600', name: 'Eve', pin: PIN });
    await enrol(core, DESK);
    await changeDevice(core, DESK, { note: 'Safe behind it', texts: { userType: 'hot_desk' } });
    const [line] = await core.store.lines(DESK);
    const { endpoint = '', authName = '' } = line ?? {};
    const call = scriptedCall({
      endpoint,
      authName,
      address: HOME,
      contact: `sip:x@${HOME}:5060`,
      keys: `1600#${PIN}#1`,
    });
    await selfProvision(core, call);
  });
  afterEach(async () => {
    await api.close();
    await core.close();
  });
  const all = async (tenant: string, token: string): Promise<string> => {
    const at = { tenant, mac: DESK };
    const calls = [
      await api.call('listDevices', { at, token }),
      await api.call('getDevice', { at, token }),
      await api.call('getDeviceSettings', { at, token }),
      await api.call('getDeviceFile', { at, token }),
      await api.call('getDeviceFileWithSecrets', { at, token }),
      await api.call('listHandOvers', { at, token }),
      await api.call('listEvents', { at, token, query: { mac: DESK } }),
    ];
    return JSON.stringify(calls.map(({ body }) => body));
  };

  it('shows the borrower’s tenant the line, and nothing of whose phone it is', async () => {
    const seen = await all('acme', await api.token(['read', 'write', 'secrets'], 'acme'));
    expect(seen).to.contain('1600').and.to.contain(formatMac(DESK));
    expect(seen).not.to.match(/default|Safe behind it/);
    const { body } = await api.call<{ lines: object[] }>('getDevice', {
      at: { tenant: 'acme', mac: DESK },
      token: await api.token(['read'], 'acme'),
    });
    expect(body.lines).to.have.length(1);
    expect(body.lines[0]).to.include({ name: 'Eve', address: null });
  });

  it('shows its owner that it is in use, and nothing of by whom', async () => {
    const seen = await all('default', await api.token(['read', 'write', 'secrets'], 'default'));
    expect(seen).to.contain('Safe behind it').and.to.contain('handing_over');
    expect(seen).not.to.match(/1600|acme|Eve/);
    for (const { secret } of await core.store.lines(DESK)) expect(seen).not.to.contain(secret.reveal());
  });

  it('shows all of it to who has all tenants', async () => {
    const seen = await all('default', await api.token(['read', 'write', 'secrets']));
    expect(seen).to.contain('1600').and.to.contain('acme').and.to.contain('Safe behind it');
  });
});
