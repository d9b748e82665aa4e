import { expect } from 'chai';
import { join } from 'node:path';
import { listDevices } from '../../src/administration/devices.ts';
import { addUser } from '../../src/administration/users.ts';
import { Secret } from '../../src/domain/secret.ts';
import { packageRoot } from '../../src/packageRoot.ts';
import { loadFamilies } from '../../src/phones/catalog/loadFamilies.ts';
import { checkPin } from '../../src/provisioning/secrets/checkPin.ts';
import { openTestCore } from '../support/core.ts';
import { enrol } from '../support/steps.ts';

const MAC = '001565aabb01';

describe('A stranger who has got a default line in a phone’s name and keys in wrong PINs', () => {
  it('does not have the list say that the phone is locked: its user gets in', async () => {
    const core = await openTestCore();
    const phone = await enrol(core, MAC);
    const strangers = await enrol(core, MAC, '192.0.2.66');
    const { user, pin } = await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann' });
    const given = { tenantId: 'default', mac: MAC };
    for (let i = 0; i < 5; i++) {
      const wrong = { extension: `9${i}`, pin: new Secret('000000'), line: strangers.authName };
      await checkPin(core, { ...given, ...wrong });
    }
    const accepted = await checkPin(core, { ...given, extension: '1500', pin, line: phone.authName });
    expect(accepted?.id).to.equal(user.id);
    const families = loadFamilies([join(packageRoot, 'templates')]);
    const [shown] = await listDevices(core, { families: () => families }, 'default');
    await core.close();
    expect([shown?.locked, shown?.note]).to.deep.equal([false, null]);
  });
});
