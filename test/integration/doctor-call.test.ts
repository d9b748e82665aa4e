import { expect } from 'chai';
import { addUser } from '../../src/administration/users.ts';
import { readConfig } from '../../src/config.ts';
import { callFindings, cleanUp } from '../../src/doctorCall.ts';
import { holdFolder } from '../../src/store/sqlite/holdFolder.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { enrol } from '../support/steps.ts';

describe('doctor --call', () => {
  let core: TestCore;
  beforeEach(async () => {
    core = await openTestCore();
  });
  afterEach(() => core.close());

  it('takes away what it has made itself, and no app whose MAC only begins as its own do', async () => {
    for (const mac of ['02d0c7112233', '02d0c7445566']) await enrol(core, mac);
    const name = 'selfprov doctor, for a moment, with 02d0c7445566';
    await addUser(core, { tenantId: 'default', extension: '90000001', name, pin: '840271' });
    await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann', pin: '840272' });
    await cleanUp(core);
    expect((await core.store.devices('default')).map(({ mac }) => mac)).to.deep.equal(['02d0c7112233']);
    expect((await core.store.users('default')).map(({ extension }) => extension)).to.deep.equal(['1500']);
  });

  it('says that another one is under way, and leaves that one alone', async () => {
    const held = holdFolder(core.directory, 'selfprov.doctor-call');
    const config = readConfig(core.environment);
    const findings = await callFindings(config, core, AbortSignal.timeout(5000));
    expect(findings.map(({ says }) => says).join()).to.contain(`is under way (process ${process.pid})`);
    await held.close();
  });
});
