import { expect } from 'chai';
import { addUser } from '../../src/administration/users.ts';
import type { AnswerNeeds } from '../../src/provisioning/files/answerRequest.ts';
import { answerNeeds, askByTftp } from '../support/answerNeeds.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { assign, HOME } from '../support/steps.ts';

const MAC = '001565aabb01';

describe('A phone that fetches its user’s file by TFTP', () => {
  let core: TestCore;
  let needs: AnswerNeeds;
  beforeEach(async () => {
    core = await openTestCore();
    needs = answerNeeds(core);
  });
  afterEach(() => core.close());

  const byTftp = (): ReturnType<typeof askByTftp> => askByTftp(needs, MAC, HOME);
  const delivered = async (answer: Awaited<ReturnType<typeof byTftp>>): Promise<void> => {
    expect(answer?.kind).to.equal('rendered');
    if (answer?.kind === 'rendered') await answer.delivered?.();
  };

  it('is not said to have been refused it, when it has sent its request twice and got it twice', async () => {
    await delivered(await byTftp());
    const { user } = await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann' });
    await assign(core, MAC, user.id);
    const both = [await byTftp(), await byTftp()];
    for (const answer of both) await delivered(answer);
    const steps = (await core.store.events({ mac: MAC, limit: 20 })).map(({ step }) => step);
    expect(steps).to.not.include('turned_away');
    expect(await core.store.device(MAC)).to.include({ turnedAwayAt: null });
  });
});
