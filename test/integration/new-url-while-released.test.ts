import { expect } from 'chai';
import { join } from 'node:path';
import { newUrl } from '../../src/administration/devices.ts';
import { addUser } from '../../src/administration/users.ts';
import { Secret } from '../../src/domain/secret.ts';
import { packageRoot } from '../../src/packageRoot.ts';
import { loadFamilies } from '../../src/phones/catalog/loadFamilies.ts';
import { admit } from '../../src/provisioning/files/admit.ts';
import { recordFetch } from '../../src/provisioning/files/recordFetch.ts';
import { driveHandOvers } from '../../src/provisioning/handOver/driveHandOvers.ts';
import { noteRegistrations } from '../../src/provisioning/handOver/noteRegistrations.ts';
import { releaseDevice } from '../../src/provisioning/handOver/releaseDevice.ts';
import type { Line } from '../../src/domain/device.ts';
import { listDevices } from '../support/listDevices.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { assign, enrol } from '../support/steps.ts';

const MAC = '001565aabb01';

describe('A phone that is given a new URL after it was released', () => {
  const families = loadFamilies([join(packageRoot, 'templates')]);
  let core: TestCore;
  beforeEach(async () => {
    core = await openTestCore();
  });
  afterEach(() => core.close());

  const register = async ({ endpoint, authName, secret }: Line, address: string, port: number): Promise<void> => {
    const status = await core.registrar.register({
      ...{ user: endpoint, authName, password: secret.reveal(), address, port, viaAddress: address, viaPort: port },
      ...{ callId: `call-${endpoint}`, userAgent: 'x', expires: 600 },
    });
    expect(status).to.equal(200);
    await noteRegistrations(core, endpoint);
  };

  it('is done once it has fetched by that URL and registered, wherever it is then', async () => {
    await enrol(core, MAC);
    const { user } = await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann' });
    await register(await assign(core, MAC, user.id), '10.0.0.7', 5060);
    await releaseDevice(core, { mac: MAC, actor: 'test' });
    const url = await newUrl(core, { families: () => families, openUrl: () => 'http://prov.example.net/' }, MAC);
    const token = new Secret(new URL(url).pathname.split('/').find((part) => part.length > 15) ?? '');
    const address = '192.0.2.9';
    const claim = { token, address };
    const seen = { family: 'yealink', model: 'T46S', firmware: null, address };
    const admitted = await admit({ ...core, tenantId: 'default' }, { mac: MAC, claim, seen, isProvisional: false });
    expect(admitted?.lines).to.have.length(1);
    const [line] = admitted?.lines ?? [];
    if (admitted === undefined || line === undefined) return;
    await recordFetch(core, admitted, claim);
    await register(line, address, 5060);
    for (let i = 0; i < 10; i++) {
      await driveHandOvers(core, (error) => expect.fail(String(error)));
      core.pass(400_000);
      await register(line, address, 5060);
    }
    const [shown] = await listDevices(core, { families: () => families }, 'default');
    expect([shown?.registered, shown?.note, shown?.handOver?.state]).to.deep.equal([true, null, 'done']);
  });
});
