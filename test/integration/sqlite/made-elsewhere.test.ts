import { expect } from 'chai';
import { userLine } from '../../../src/domain/accounts.ts';
import { orNotFound } from '../../../src/domain/orNotFound.ts';
import { fastPath } from '../../../src/provisioning/fast/fastPath.ts';
import { answerRequest } from '../../../src/provisioning/files/answerRequest.ts';
import type { FileRequest } from '../../../src/provisioning/files/serveFile.ts';
import { openStore } from '../../../src/store/open.ts';
import { answerNeeds } from '../../support/answerNeeds.ts';
import { aUser } from '../../support/aUser.ts';
import { FIRST_TENANT, openTestCoreOn } from '../../support/core.ts';

const MAC = '001565aabb01';

describe('A profile that another process makes and gives to a user in the same moment', () => {
  it('counts for who asks before this process has heard of it', async () => {
    const core = await openTestCoreOn(undefined);
    const other = await openStore(core.place, FIRST_TENANT);
    const needs = answerNeeds(core);
    // It looks once, and never again.
    const fast = fastPath({ ...needs, snapshots: core.snapshots, failed: () => undefined, lookEvery: Infinity });
    const slowly = { ...needs, store: fast.atHand(needs.store), fill: fast.fill };
    const tenant = orNotFound(await core.store.tenant('default'), 'tenant');
    const user = await core.store.addUser(aUser('1500', 'Ann Lee'));
    const request: FileRequest = {
      ...{ path: `/${MAC}.cfg`, userAgent: `Yealink SIP-T46S 66.86.0.15 ${MAC}`, method: 'GET', transport: 'http' },
      claim: { token: core.secrets.token(), address: '192.0.2.7' },
    };
    await answerRequest(slowly, request);
    for (const { id } of await core.store.lines(MAC)) await core.store.removeLine(id);
    const given = { secret: core.secrets.sipSecret(), token: core.secrets.token(), now: core.now() };
    const line = userLine(MAC, 1, user, tenant, given);
    await core.store.addLine({ ...line, address: request.claim.address, servedAt: core.now() });
    const withToken = { ...request, claim: { ...request.claim, token: line.token } };
    expect(fast.answer(withToken)?.body.toString()).to.contain('Ann Lee');

    const { id: _, ...profile } = orNotFound(await core.store.profile('default'), 'profile');
    await other.store.transaction(async (store) => {
      const added = await store.addProfile({ ...profile, name: 'New' });
      await store.updateUser(user.id, { profileId: added.id });
    });
    await core.store.updateDevice(MAC, { note: 'so that it is read anew' });
    expect(fast.answer(withToken), 'at once').to.equal(undefined);
    const answer = await answerRequest(slowly, withToken);
    expect(answer?.kind === 'rendered' && answer.body.toString()).to.contain('Ann Lee');
    await fast.close();
    await other.close();
    await core.close();
  });
});
