import { expect } from 'chai';
import { join } from 'node:path';
import { addDevice } from '../../src/administration/devices.ts';
import { forgetTheOld, RETENTION } from '../../src/administration/retention.ts';
import { Secret } from '../../src/domain/secret.ts';
import { packageRoot } from '../../src/packageRoot.ts';
import { loadFamilies } from '../../src/phones/catalog/loadFamilies.ts';
import { releaseDevice } from '../../src/provisioning/handOver/releaseDevice.ts';
import { noteRegistrations } from '../../src/provisioning/handOver/noteRegistrations.ts';
import { listDevices } from '../support/listDevices.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { enrol } from '../support/steps.ts';

const MAC = '001565aabb01';

describe('Strangers who ask for the file of a phone that has no user', () => {
  const families = loadFamilies([join(packageRoot, 'templates')]);
  let core: TestCore;
  beforeEach(async () => {
    core = await openTestCore();
  });
  afterEach(() => core.close());

  it('do not take away the URL that “selfprov device add” has given for it', async () => {
    const facts = { families: () => families, openUrl: () => 'http://prov.example.net/' };
    const { url } = await addDevice(core, facts, { mac: MAC, tenantId: 'default', family: 'yealink' });
    const token = new Secret(new URL(url).pathname.split('/').find((part) => part.length > 15) ?? '');
    expect((await core.store.deviceByToken(token))?.mac, url).to.equal(MAC);
    core.pass(60 * 60_000);
    for (let i = 0; i < 8; i++) await enrol(core, MAC, `198.51.100.${i}`).catch(() => undefined);
    expect((await core.store.deviceByToken(token))?.mac, 'the URL is worth nothing').to.equal(MAC);
  });

  it('do not keep a phone that is new from its file for days, when they asked and registered once', async () => {
    for (let i = 0; i < 8; i++) {
      const { endpoint, authName, secret } = await enrol(core, MAC, `198.51.100.${i}`);
      await core.registrar.register({
        ...{ user: endpoint, authName, password: secret.reveal(), address: `198.51.100.${i}`, port: 5060 },
        ...{ viaAddress: '192.168.0.9', viaPort: 5060, callId: `${i}`, userAgent: 'x', expires: 60 },
      });
      await noteRegistrations(core, endpoint);
    }
    for (let day = 0; day < 6; day++) {
      core.pass(24 * 60 * 60_000);
      for (const { endpoint } of await core.store.lines(MAC)) await noteRegistrations(core, endpoint);
      await forgetTheOld(core, RETENTION);
    }
    const line = await enrol(core, MAC, '10.0.0.7').catch(() => undefined);
    expect(line, 'six days later it gets nothing').to.not.equal(undefined);
  });

  it('do not have the list advise what cannot be done', async () => {
    for (let i = 0; i < 9; i++) await enrol(core, MAC, `198.51.100.${i}`).catch(() => undefined);
    const [shown] = await listDevices(core, { families: () => families }, 'default');
    expect(shown?.state).to.equal('unassigned');
    if (!shown?.note?.includes('device release')) return;
    await releaseDevice(core, { mac: MAC, actor: 'test' }).catch((error: unknown) =>
      expect.fail(`note: ${shown.note}; but then: ${String(error)}`),
    );
  });
});
