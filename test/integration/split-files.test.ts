import { expect } from 'chai';
import { addUser } from '../../src/administration/users.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { startPhonesListener, type PhonesListener } from '../support/phonesListener.ts';
import { assign, HOME } from '../support/steps.ts';
import { waitFor } from '../support/wait.ts';

const MAC = '0004f2aabb01';

describe('A phone that fetches its settings, its keys and its accounts in files of their own', () => {
  let core: TestCore;
  let listener: PhonesListener;

  beforeEach(async () => {
    core = await openTestCore();
    listener = await startPhonesListener(core);
  });
  afterEach(async () => {
    await listener.close();
    await core.close();
  });

  async function get(part: string, folder = '', address = HOME): Promise<{ status: number; text: string }> {
    const headers = {
      'user-agent': `FileTransport PolycomVVX-VVX_450-UA/6.4.3.5018 (SN:${MAC}) Type/Application`,
      'x-forwarded-for': address,
    };
    const answer = await fetch(`http://127.0.0.1:${listener.port}/${folder}${MAC}${part}.cfg`, { headers });
    return { status: answer.status, text: await answer.text() };
  }
  const hasFetched = async (): Promise<boolean> => typeof (await core.store.handOver(MAC, 1))?.fetchedAt === 'number';
  const giveToAnn = async (): Promise<void> => {
    const { user } = await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann Lee' });
    await assign(core, MAC, user.id);
  };

  it('is told of all three by the file it begins with, the accounts last', async () => {
    const { text } = await get('');
    expect(text).to.contain(`CONFIG_FILES="${MAC}-settings.cfg,${MAC}-buttons.cfg,${MAC}-account.cfg"`);
  });

  it('has one default line, whichever it asks for first', async () => {
    for (const part of ['-settings', '-buttons', '-account']) expect((await get(part)).status, part).to.equal(200);
    const [line, other] = await core.store.lines(MAC);
    expect(other).to.equal(undefined);
    expect((await get('-account')).text).to.contain(`reg.1.address="${line?.endpoint}"`);
  });

  it('has its new line when it has the accounts, and not before', async () => {
    await get('-account');
    await giveToAnn();
    // Its address is its proof until it has the accounts.
    for (const part of ['-settings', '-buttons', '-settings', '-buttons'])
      expect((await get(part)).status, part).to.equal(200);
    expect(await hasFetched()).to.equal(false);
    expect((await get('-account')).text).to.contain('reg.1.address="1500"');
    await waitFor(hasFetched, { what: () => 'the fetch to be noted' });
    for (const part of ['-settings', '-buttons', '-account']) expect((await get(part)).status, part).to.equal(404);
  });

  it('gets none of them without proof', async () => {
    await get('-account');
    await giveToAnn();
    const [line] = await core.store.lines(MAC);
    for (const part of ['-settings', '-buttons', '-account']) {
      expect((await get(part, '', '10.0.0.8')).status, part).to.equal(404);
      expect((await get(part, `p/${line?.token.reveal()}/`, '10.0.0.8')).status, part).to.equal(200);
    }
  });
});
