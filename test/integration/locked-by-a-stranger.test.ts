import { expect } from 'chai';
import { join } from 'node:path';
import { addUser } from '../../src/administration/users.ts';
import { Secret } from '../../src/domain/secret.ts';
import { packageRoot } from '../../src/packageRoot.ts';
import { loadFamilies } from '../../src/phones/catalog/loadFamilies.ts';
import { checkUser } from '../../src/provisioning/secrets/checkSecret.ts';
import { listDevices } from '../support/listDevices.ts';
import { openTestCore } from '../support/core.ts';
import { enrol } from '../support/steps.ts';

const MAC = '001565aabb01';

describe('A stranger who has got a default line in a phone’s name and keys in wrong PINs', () => {
  it('does not have the list say that the phone is locked: its user gets in', async () => {
    const core = await openTestCore();
    const phone = await enrol(core, MAC);
    const strangers = await enrol(core, MAC, '192.0.2.66');
    const { user, pin } = await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann' });
    const device = { tenantId: 'default', mac: MAC, family: 'yealink' };
    for (let i = 0; i < 5; i++) {
      const guess = { user: undefined, number: `9${i}`, secret: new Secret('000000') };
      await checkUser(core, { device, line: strangers.authName }, guess);
    }
    const right = { user, number: '1500', secret: pin };
    expect(await checkUser(core, { device, line: phone.authName }, right)).to.equal(true);
    const families = loadFamilies([join(packageRoot, 'templates')]);
    const [shown] = await listDevices(core, { families: () => families }, 'default');
    await core.close();
    expect([shown?.locked, shown?.note]).to.deep.equal([false, null]);
  });
});
