import { expect } from 'chai';
import type { AnswerNeeds } from '../../src/provisioning/files/answerRequest.ts';
import { answerNeeds, askByTftp } from '../support/answerNeeds.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { enrol, HOME } from '../support/steps.ts';

const MAC = '001565aabb01';
const STRANGER = '192.0.2.66';

describe('A phone without a user', () => {
  let core: TestCore;
  let needs: AnswerNeeds;
  beforeEach(async () => {
    core = await openTestCore();
    needs = answerNeeds(core);
  });
  afterEach(() => core.close());

  const byTftp = (address: string): ReturnType<typeof askByTftp> => askByTftp(needs, MAC, address);

  it('gets its file although one stranger has asked for it eight times at once by TFTP', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => byTftp(STRANGER)));
    for (const answer of all) if (answer?.kind === 'rendered') await answer.delivered?.();
    const lines = (await core.store.lines(MAC)).length;
    expect((await byTftp(HOME))?.kind, `${lines} lines for one address`).to.equal('rendered');
  });

  it('keeps the account that it has just been given, when somebody else asks before it registers', async () => {
    await enrol(core, MAC);
    // It was switched off before it could register: SIP did not work there yet.
    core.pass(24 * 60 * 60_000);
    for (let i = 0; i < 7; i++) await enrol(core, MAC, `198.51.100.${i}`);
    core.pass(11 * 60_000);
    const line = await enrol(core, MAC);
    core.pass(5_000);
    await enrol(core, MAC, STRANGER);
    const status = await core.registrar.register({
      ...{ user: line.endpoint, authName: line.authName, password: line.secret.reveal(), address: HOME, port: 5060 },
      ...{ viaAddress: HOME, viaPort: 5060, callId: '1', userAgent: 'x', expires: 600 },
    });
    expect(status).to.equal(200);
  });
});
