import { expect } from 'chai';
import { rmSync } from 'node:fs';
import { userLine } from '../../../src/domain/accounts.ts';
import { orNotFound } from '../../../src/domain/orNotFound.ts';
import { createLog } from '../../../src/log.ts';
import { fastPath, type FastPath } from '../../../src/provisioning/fast/fastPath.ts';
import { answerRequest, type AnswerNeeds } from '../../../src/provisioning/files/answerRequest.ts';
import type { FileRequest } from '../../../src/provisioning/files/serveFile.ts';
import { openStore, type OpenStore } from '../../../src/store/open.ts';
import { aUser } from '../../support/aUser.ts';
import { A_SYNC } from '../../support/aSync.ts';
import { answerNeeds } from '../../support/answerNeeds.ts';
import { FIRST_TENANT, openTestCoreOn, type TestCore } from '../../support/core.ts';
import { startPostgres, type Postgres } from '../../support/postgres.ts';
import { enrol } from '../../support/steps.ts';
import { waitFor } from '../../support/wait.ts';

const MAC = '001565aabb01';
const ADDRESS = '192.0.2.7';

describe('Over PostgreSQL, where reading takes waiting', function () {
  this.timeout(30_000);
  let server: Postgres;
  let core: TestCore;
  let other: OpenStore;
  let needs: AnswerNeeds;
  let fast: FastPath;
  let listening: { close(): Promise<void> };
  let heard = 0;

  before(async () => {
    server = await startPostgres();
    core = await openTestCoreOn(await server.newDatabase());
    other = await openStore(core.place, FIRST_TENANT);
    needs = answerNeeds(core);
    fast = fastPath({ ...needs, snapshots: core.snapshots, failed: () => undefined });
    core.snapshots.subscribe(() => (heard += 1));
    await enrol(core, MAC, ADDRESS);
    await giveToAUser();
    // What it is called is written down the first time.
    await slowly();
  });
  after(async () => {
    await listening.close();
    await fast.close();
    await other.close();
    await core.leave();
    rmSync(core.directory, { recursive: true });
    await server.close();
  });

  async function giveToAUser(): Promise<void> {
    const tenant = orNotFound(await core.store.tenant('default'), 'tenant');
    const user = await core.store.addUser(aUser('1500', 'Ann Lee'));
    const [line] = await core.store.lines(MAC);
    await core.store.removeLine(line?.id ?? '');
    const credentials = { secret: core.secrets.sipSecret(), token: core.secrets.token(), now: core.now() };
    const own = userLine(MAC, 1, user, tenant, credentials);
    await core.store.addLine({ ...own, address: ADDRESS, servedAt: core.now() });
  }

  async function request(): Promise<FileRequest> {
    const [line] = await other.store.lines(MAC);
    return {
      ...{ path: `/${MAC}.cfg`, userAgent: `Yealink SIP-T46S 66.86.0.15 ${MAC}`, method: 'GET', transport: 'http' },
      claim: { token: line?.token ?? null, address: ADDRESS },
    };
  }
  const textOf = (answer: { readonly body?: unknown } | undefined): string => String(answer?.body);
  async function slowly(): Promise<string> {
    return textOf((await answerRequest(needs, await request())) as { readonly body: Buffer } | undefined);
  }

  it('nothing is answered before it is heard what others change', async () => {
    expect(await fast.answerSoon(await request())).to.equal(undefined);
    listening = core.listen(() => undefined, createLog('silent'));
    await waitFor(async () => (await fast.answerSoon(await request())) !== undefined, { what: 'hearing' });
  });

  it('a file is answered once it has been read, at once when it is asked for again, and is the same as ever', async () => {
    const expected = await slowly();
    expect(expected).to.contain('Ann Lee');
    for (let times = 0; times < 3; times++) expect(textOf(await fast.answerSoon(await request()))).to.equal(expected);
    expect(textOf(fast.answer(await request()))).to.equal(expected);
  });

  it('what another process changes is in the next answer', async () => {
    const user = orNotFound(await other.store.userByExtension('default', '1500'), 'user');
    const before = heard;
    await other.store.updateUser(user.id, { name: 'Ann May' });
    await waitFor(() => heard > before, { what: 'the word', every: 1 });
    const answer = textOf(await fast.answerSoon(await request()));
    expect(answer)
      .to.contain('Ann May')
      .and.to.equal(await slowly());
  });

  it('nothing is answered at once to a phone of a sync, from its begin to its end, whichever process has begun it', async () => {
    const asked = await request();
    expect(await fast.answerSoon(asked)).not.to.equal(undefined);
    const { id } = await other.store.addSync(A_SYNC, [MAC]);
    await waitFor(async () => (await fast.answerSoon(asked)) === undefined, { what: 'the word', every: 1 });
    await other.store.updateSync(id, { state: 'cancelled' });
    await waitFor(async () => (await fast.answerSoon(asked)) !== undefined, { what: 'the end', every: 1 });
  });

  it('nothing that was kept is answered after the connection was lost, and files are again once it is back', async () => {
    expect(fast.answer(await request())).not.to.equal(undefined);
    const asked = await request();
    await server.stop('fast');
    await waitFor(() => fast.answer(asked) === undefined, { what: 'the loss', limit: 5000 });
    expect(await fast.answerSoon(asked)).to.equal(undefined);
    await server.start();
    await waitFor(async () => (await fast.answerSoon(asked)) !== undefined, { what: 'the connection', limit: 10_000 });
    expect(textOf(fast.answer(asked))).to.equal(await slowly());
  });
});
