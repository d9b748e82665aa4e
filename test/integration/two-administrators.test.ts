import { expect } from 'chai';
import { changeTenant } from '../../src/administration/tenants.ts';
import { addUser, newPin, removeUser } from '../../src/administration/users.ts';
import { Secret } from '../../src/domain/secret.ts';
import { openTestCore, type TestCore } from '../support/core.ts';

describe('Two administrators at once', () => {
  let core: TestCore;
  beforeEach(async () => {
    core = await openTestCore();
  });
  afterEach(() => core.close());

  it('cannot make one number both a user’s and the self-provisioning extension', async () => {
    const secrets = {
      ...core.secrets,
      async hashPin(pin: Secret) {
        await changeTenant(core, 'default', { extension: '1500' });
        return core.secrets.hashPin(pin);
      },
    };
    const added = await addUser({ ...core, secrets }, { tenantId: 'default', extension: '1500', name: 'Ann' }).then(
      () => 'added',
      () => 'refused',
    );
    const tenant = await core.store.tenant('default');
    expect([added, tenant?.extension]).to.not.deep.equal(['added', '1500']);
  });

  it('are not given a PIN for a user that has been removed meanwhile', async () => {
    const { user } = await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann' });
    await removeUser(core, user);
    const outcome = await newPin(core, user).then(
      () => 'a PIN that opens nothing',
      () => 'refused',
    );
    expect(outcome).to.equal('refused');
  });
});
