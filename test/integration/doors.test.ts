import { expect } from 'chai';
import { get } from 'node:http';
import { text } from 'node:stream/consumers';
import { addTenant, changeTenant } from '../../src/administration/tenants.ts';
import { removeDevice } from '../../src/provisioning/handOver/removeDevice.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { startPhonesListener, type PhonesListener } from '../support/phonesListener.ts';

const MAC = '001565aabb01';
const FILE = `${MAC}.cfg`;

describe('A phone that comes through a tenant’s door', () => {
  let core: TestCore;
  let listener: PhonesListener;
  beforeEach(async () => {
    core = await openTestCore();
    listener = await startPhonesListener(core);
  });
  afterEach(async () => {
    await listener.close();
    await core.close();
  });

  async function ask(host: string, path: string): Promise<string> {
    const headers = { host, 'user-agent': 'Yealink SIP-T46S 66.86.0.15' };
    return new Promise((resolve, reject) => {
      const request = get({ host: '127.0.0.1', port: listener.port, path, headers }, (response) => {
        text(response).then(resolve, reject);
      });
      request.on('error', reject);
    });
  }
  /** Whose it is when it asks here for the first time. */
  async function comesTo(host: string, path: string): Promise<string | undefined> {
    await core.store.removeDevice(MAC);
    await ask(host, `${path}${FILE}`);
    return (await core.store.device(MAC))?.tenantId;
  }

  it('is that tenant’s, though another one has the same path at another host', async () => {
    await addTenant(core, { id: 'acme', urls: ['https://acme.example/phones/'] });
    await addTenant(core, { id: 'bell', urls: ['https://bell.example/phones/'] });
    expect(await comesTo('bell.example', '/phones/')).to.equal('bell');
    expect(await comesTo('acme.example', '/phones/')).to.equal('acme');
    expect(await comesTo('10.0.0.1:8480', '/phones/'), 'a proxy may ask by another name').to.equal('acme');
  });

  it('is that tenant’s whose path says most', async () => {
    await addTenant(core, { id: 'acme', urls: ['https://phones.example/acme/'] });
    await addTenant(core, { id: 'north', urls: ['https://phones.example/acme/north/'] });
    expect(await comesTo('phones.example', '/acme/north/')).to.equal('north');
    expect(await comesTo('phones.example', '/acme/')).to.equal('acme');
  });

  it('is that tenant’s however the host is spelled', async () => {
    await addTenant(core, { id: 'acme', urls: ['https://Phones.Acme.example/'] });
    for (const host of [
      'phones.acme.example',
      'Phones.ACME.example',
      'phones.acme.example.',
      'phones.acme.example:8480',
    ])
      expect(await comesTo(host, '/'), host).to.equal('acme');
    expect(await comesTo('phones.acme.example.org', '/')).to.equal('default');
  });

  describe('by a path', () => {
    let token: string;
    beforeEach(async () => {
      await addTenant(core, { id: 'acme', urls: ['https://phones.example/acme/'] });
      await comesTo('phones.example', '/acme/');
      const [line] = await core.store.lines(MAC);
      token = line?.token.reveal() ?? '';
    });

    it('is that tenant’s again when it has been removed and asks at the URL of its last file', async () => {
      await removeDevice(core, { mac: MAC, actor: 'test' });
      await ask('phones.example', `/acme/p/${token}/${FILE}`);
      expect(await core.store.device(MAC)).to.include({ tenantId: 'acme' });
    });

    it('gets also the files that phones share as that tenant has them', async () => {
      await changeTenant(core, 'acme', { texts: { language: 'de' } });
      expect(await ask('phones.example', '/acme/y000000000028.cfg')).to.contain('German');
      expect(await ask('phones.example', `/acme/p/${token}/y000000000028.cfg`)).to.contain('German');
    });
  });
});
