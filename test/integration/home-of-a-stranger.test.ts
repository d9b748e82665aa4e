import { expect } from 'chai';
import { changeDevice } from '../../src/administration/devices.ts';
import { giveDevice } from '../../src/administration/whoseDevice.ts';
import { addUser } from '../../src/administration/users.ts';
import type { Line } from '../../src/domain/device.ts';
import type { Secret } from '../../src/domain/secret.ts';
import { selfProvision } from '../../src/ivr/selfProvision.ts';
import { answerRequest } from '../../src/provisioning/files/answerRequest.ts';
import { noteRegistrations } from '../../src/provisioning/handOver/noteRegistrations.ts';
import { answerNeeds } from '../support/answerNeeds.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { refusalOf } from '../support/refusal.ts';
import { scriptedCall } from '../support/scriptedCall.ts';
import { assign, enrol } from '../support/steps.ts';

const [HOME_PHONE, DESK] = ['001565aabb01', '001565aabb02'];
const [AT_HOME, AT_DESK, STRANGER] = ['10.0.0.1', '10.0.0.2', '10.0.0.66'];
const PIN = '840271';

describe('A stranger who asks for the file of a phone whose user has borrowed another', () => {
  let core: TestCore;
  let strangers: Line;
  beforeEach(() => begin((userId) => assign(core, HOME_PHONE, userId, AT_HOME)));
  afterEach(() => core.close());

  async function begin(give: (userId: string) => Promise<unknown>): Promise<void> {
    core = await openTestCore();
    const { user } = await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann', pin: PIN });
    await enrol(core, HOME_PHONE, AT_HOME);
    await give(user.id);
    await enrol(core, DESK, AT_DESK);
    await changeDevice(core, DESK, { texts: { userType: 'hot_desk' } });
    await dial(`1500#${PIN}#1`);
    strangers = await enrol(core, HOME_PHONE, STRANGER);
    await register(strangers, STRANGER);
  }

  async function dial(keys: string): Promise<void> {
    const [line] = await core.store.lines(DESK);
    const { endpoint = '', authName = '' } = line ?? {};
    await selfProvision(
      core,
      scriptedCall({ endpoint, authName, address: AT_DESK, contact: `sip:x@${AT_DESK}:5060`, keys }),
    );
  }
  async function register({ endpoint, authName, secret }: Line, address: string): Promise<void> {
    const account = { user: endpoint, authName, password: secret.reveal() };
    const phone = { address, port: 5060, viaAddress: address, viaPort: 5060, callId: address, userAgent: 'x' };
    expect(await core.registrar.register({ ...account, ...phone, expires: 600 })).to.equal(200);
    await noteRegistrations(core, endpoint);
  }
  async function fileFor(token: Secret, address: string): Promise<string> {
    const answer = await answerRequest(answerNeeds(core), {
      ...{ path: `/${HOME_PHONE}.cfg`, method: 'GET', transport: 'http', userAgent: 'Yealink SIP-T46S 66.86.0.15' },
      claim: { token, address },
    });
    return answer?.kind === 'rendered' ? answer.body.toString() : '';
  }
  const released = async (): Promise<Line | undefined> =>
    (await core.store.lines(HOME_PHONE)).find(({ id }) => id !== strangers.id);

  it('does not get the line when that goes home, while the phone itself is off', async () => {
    const its = await released();
    await dial('1');
    expect(await fileFor(strangers.token, STRANGER)).to.not.contain('account.1.user_name = 1500');
    if (its === undefined) throw new Error('the phone has no line');
    expect(await fileFor(its.token, AT_HOME)).to.contain('account.1.user_name = 1500');
  });

  it('does not get it by asking first, when nobody knew where the phone is', async () => {
    await core.close();
    await begin(() => giveDevice(core, { mac: HOME_PHONE, tenantId: 'default', extension: '1500' }));
    expect((await core.store.handOver(HOME_PHONE, 1))?.address).to.equal(null);
    await dial('1');
    expect(await fileFor(strangers.token, STRANGER)).to.not.contain('account.1.user_name = 1500');
  });

  it('does not get the line of another user either, whom an administrator gives that phone', async () => {
    await addUser(core, { tenantId: 'default', extension: '1501', name: 'Bob' });
    const given = giveDevice(core, { mac: HOME_PHONE, tenantId: 'default', extension: '1501' });
    expect(await refusalOf(given)).to.include({ code: 'conflict', reason: 'contested' });
    expect(await fileFor(strangers.token, STRANGER)).to.not.contain('account.1.user_name = 1501');
  });

  it('does not keep it from going home to the phone that is there', async () => {
    const its = await released();
    if (its === undefined) throw new Error('the phone has no line');
    await register(its, AT_HOME);
    await dial('1');
    expect(await fileFor(its.token, AT_HOME)).to.contain('account.1.user_name = 1500');
  });
});
