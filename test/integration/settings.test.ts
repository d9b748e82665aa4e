import { expect } from 'chai';
import { addUser } from '../../src/administration/users.ts';
import { settingsFor } from '../../src/provisioning/files/settingsFor.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { assign, enrol } from '../support/steps.ts';

const MAC = '001565aabb01';

describe('What a device gets', () => {
  let core: TestCore;
  beforeEach(async () => {
    core = await openTestCore();
  });
  afterEach(() => core.close());

  it('is, for a user’s line, the transport that the SIP server is reached by', async () => {
    const { user } = await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann Lee' });
    await enrol(core, MAC);
    const line = await assign(core, MAC, user.id);
    for (const transport of ['udp', 'tcp', 'tls'] as const) {
      const { userLines, defaultLine } = await settingsFor(core.store, transport, 'default', [line]);
      expect(userLines.map(({ settings, user: { extension } }) => [extension, settings.transport])).to.deep.equal([
        ['1500', transport],
      ]);
      expect(defaultLine).to.equal(null);
    }
  });

  it('is the tenant’s when nobody has it, and the same for everybody when it is nobody’s own', async () => {
    const line = await enrol(core, MAC);
    const own = await settingsFor(core.store, 'udp', 'default', [line]);
    expect(own.defaultLine?.id).to.equal(line.id);
    expect(own.deviceTemplate).to.include({ id: 'default', timeZone: 'Europe/Berlin' });
    expect((await settingsFor(core.store, 'udp', 'default', [])).defaultLine).to.equal(null);
  });
});
