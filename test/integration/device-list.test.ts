import { expect } from 'chai';
import { addUser } from '../../src/administration/users.ts';
import type { HandOver } from '../../src/domain/handOver.ts';
import { driveHandOvers } from '../../src/provisioning/handOver/driveHandOvers.ts';
import { listDevices } from '../support/listDevices.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { shippedFamilies } from '../support/phoneFacts.ts';
import { startPhonesListener, type PhonesListener } from '../support/phonesListener.ts';
import { assign, enrol, HOME } from '../support/steps.ts';

const MAC = '001565aabb01';
const AGENT = `Yealink SIP-T46S 66.86.0.15 ${MAC}`;
const STRANGER = '10.0.0.66';
const HOUR = 60 * 60_000;
const facts = { families: shippedFamilies, openUrl: () => 'http://prov.example.net/' };

describe('The list of devices', () => {
  let core: TestCore;
  let listener: PhonesListener;
  let userId: string;

  beforeEach(async () => {
    core = await openTestCore();
    listener = await startPhonesListener(core);
    ({
      user: { id: userId },
    } = await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann Lee' }));
  });
  afterEach(async () => {
    await listener.close();
    await core.close();
  });

  const note = async (): Promise<string | null> => (await listDevices(core, facts, 'default'))[0]?.note ?? null;
  const ask = async (path: string, from: string): Promise<number> =>
    (
      await fetch(`http://127.0.0.1:${listener.port}${path}`, {
        headers: { 'user-agent': AGENT, 'x-forwarded-for': from },
      })
    ).status;
  const handOver = (): Promise<HandOver | undefined> => core.store.handOver(MAC, 1);

  async function untilItEnds(): Promise<void> {
    for (let next = (await handOver())?.nextAttemptAt; next; next = (await handOver())?.nextAttemptAt) {
      core.pass(Math.max(1, next - core.now()));
      await driveHandOvers(core, (error) => {
        throw error;
      });
    }
  }

  it('has a note beside a phone whose hand-over has failed', async () => {
    await enrol(core, MAC);
    await assign(core, MAC, userId);
    await untilItEnds();
    expect(await handOver()).to.include({ state: 'failed' });
    expect(await note()).to.equal('was told, and has not fetched its new file: switch it off and on');
  });

  it('asks once which families there are, however many devices are listed', async () => {
    for (let i = 0; i < 20; i++) await enrol(core, `001565aabb${(16 + i).toString(16)}`);
    let asked = 0;
    const families = (): ReturnType<typeof shippedFamilies> => {
      asked += 1;
      return shippedFamilies();
    };
    expect(await listDevices(core, { ...facts, families }, 'default')).to.have.length(20);
    expect(asked).to.equal(1);
  });

  it('does not advise to release a phone for a week because a stranger asked once, when it still has its token', async () => {
    await enrol(core, MAC);
    const { token } = await assign(core, MAC, userId);
    expect(await ask(`/p/${token.reveal()}/${MAC}.cfg`, HOME)).to.equal(200);
    core.pass(HOUR);
    expect(await ask(`/${MAC}.cfg`, STRANGER)).to.equal(404);
    core.pass(HOUR);
    expect(await ask(`/p/${token.reveal()}/${MAC}.cfg`, HOME)).to.equal(200);
    expect(await note()).to.equal(null);
  });

  it('tells of a phone that was reset although a stranger asked for its file minutes before', async () => {
    await enrol(core, MAC);
    const { token } = await assign(core, MAC, userId);
    expect(await ask(`/p/${token.reveal()}/${MAC}.cfg`, HOME)).to.equal(200);
    core.pass(HOUR);
    expect(await ask(`/${MAC}.cfg`, STRANGER)).to.equal(404);
    core.pass(60_000);
    expect(await ask(`/${MAC}.cfg`, HOME)).to.equal(404);
    expect(await note()).to.contain(HOME);
  });

  it('has a note beside a phone whose user’s file was served to a second address', async () => {
    await enrol(core, MAC);
    const { token } = await assign(core, MAC, userId);
    expect(await ask(`/p/${token.reveal()}/${MAC}.cfg`, HOME)).to.equal(200);
    core.pass(HOUR);
    expect(await ask(`/p/${token.reveal()}/${MAC}.cfg`, STRANGER)).to.equal(200);
    expect(await note()).to.be.a('string');
  });
});
