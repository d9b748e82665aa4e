import { expect } from 'chai';
import { changeDevice } from '../../src/administration/devices.ts';
import { addTenant } from '../../src/administration/tenants.ts';
import { addUser } from '../../src/administration/users.ts';
import { selfProvision } from '../../src/ivr/selfProvision.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { scriptedCall } from '../support/scriptedCall.ts';
import { enrol, HOME } from '../support/steps.ts';

const DESK = '001565aabb02';
const PIN = '840271';

describe('A shared phone that a user of another tenant borrows', () => {
  let core: TestCore;
  beforeEach(async () => {
    core = await openTestCore();
    await addTenant(core, { id: 'acme', name: 'Acme' });
    await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann', pin: PIN });
    await addUser(core, { tenantId: 'acme', extension: '1600', name: 'Eve', pin: PIN });
    await enrol(core, DESK);
    await changeDevice(core, DESK, { texts: { userType: 'hot_desk' } });
  });
  afterEach(() => core.close());

  async function dial(keys: string): Promise<readonly string[]> {
    const [line] = await core.store.lines(DESK);
    const { endpoint = '', authName = '' } = line ?? {};
    const call = scriptedCall({ endpoint, authName, address: HOME, contact: `sip:x@${HOME}:5060`, keys });
    await selfProvision(core, call);
    return call.heard;
  }

  it('stays its tenant’s: the next who borrows it is one of its users', async () => {
    expect(await dial(`1600#${PIN}#1`)).to.deep.equal(['logged-in']);
    expect(await dial('1')).to.deep.equal(['logged-off']);
    expect((await core.store.device(DESK))?.tenantId).to.equal('default');
    expect(await dial(`1500#${PIN}#1`)).to.deep.equal(['logged-in']);
  });
});
