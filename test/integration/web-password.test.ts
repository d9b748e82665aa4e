import { expect } from 'chai';
import { addRedirect } from '../../src/administration/redirects.ts';
import { changeDevice } from '../../src/administration/devices.ts';
import { changeTenant } from '../../src/administration/tenants.ts';
import { addUser } from '../../src/administration/users.ts';
import { answerRequest } from '../../src/provisioning/files/answerRequest.ts';
import { answerNeeds } from '../support/answerNeeds.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { assign, enrol, HOME } from '../support/steps.ts';

const MAC = '001565aabb01';
const [OF_ALL, OF_ONE] = ['Tenants.Pass1', 'Phones.Pass2'];

describe('The password of web pages, which opens the phones of users', () => {
  let core: TestCore;
  before(async () => {
    core = await openTestCore();
    await changeTenant(core, 'default', { texts: { webPassword: OF_ALL, factoryReset: 'default_line' } });
    const { user } = await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann' });
    await enrol(core, MAC);
    await assign(core, MAC, user.id);
    await addRedirect(core, ['yealink'], { url: 'https://one.example/' });
  });
  after(() => core.close());

  async function asked(path: string, { token = null, address = '10.0.0.66' } = {}): Promise<string> {
    const answer = await answerRequest(answerNeeds(core), {
      ...{ path, method: 'GET', transport: 'http', userAgent: 'Yealink SIP-T46S 66.86.0.15' },
      claim: { token, address },
    });
    return answer?.kind === 'rendered' ? answer.body.toString() : '';
  }

  for (const [what, path] of [
    ['the file of a new phone', '/001565000000.cfg'],
    ['a file that is the same for all', '/y000000000028.cfg'],
    ['a file of the neutral URL', `/rps/${MAC}.cfg`],
    ['the file of a user’s phone, and gets a default line', `/${MAC}.cfg`],
  ] as const) {
    it(`is not told to a stranger who asks for ${what}`, async () => {
      await changeDevice(core, MAC, { texts: { webPassword: OF_ONE } });
      const text = await asked(path);
      expect(text).to.not.equal('').and.not.contain(OF_ALL).and.not.contain(OF_ONE);
    });
  }

  it('is told to the phone of a user', async () => {
    await changeDevice(core, MAC, { texts: { webPassword: 'inherit' } });
    expect(await asked(`/${MAC}.cfg`, { address: HOME })).to.contain(`admin:${OF_ALL}`);
  });
});
