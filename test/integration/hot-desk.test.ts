import { expect } from 'chai';
import { changeDevice } from '../../src/administration/devices.ts';
import { changeTenant } from '../../src/administration/tenants.ts';
import { addUser, removeUser } from '../../src/administration/users.ts';
import { nextTime } from '../../src/domain/hotDesk.ts';
import { giveDevice } from '../../src/administration/whoseDevice.ts';
import type { User } from '../../src/domain/user.ts';
import { release } from '../../src/ivr/release.ts';
import { selfProvision } from '../../src/ivr/selfProvision.ts';
import { endHotDesks } from '../../src/provisioning/handOver/hotDesk.ts';
import { releaseDevice } from '../../src/provisioning/handOver/releaseDevice.ts';
import { removeDevice } from '../../src/provisioning/handOver/removeDevice.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { scriptedCall } from '../support/scriptedCall.ts';
import { assign, enrol } from '../support/steps.ts';

const [HOME_PHONE, DESK, OTHER_DESK] = ['001565aabb01', '001565aabb02', '001565aabb03'] as const;
const ADDRESSES: Readonly<Record<string, string>> = {
  [HOME_PHONE]: '10.0.0.1',
  [DESK]: '10.0.0.2',
  [OTHER_DESK]: '10.0.0.3',
};
const PIN = '840271';

describe('A shared phone', () => {
  let core: TestCore;
  let ann: User;
  beforeEach(async () => {
    core = await openTestCore();
    ({ user: ann } = await addUser(core, { tenantId: 'default', extension: '1500', name: 'Ann', pin: PIN }));
    for (const mac of [HOME_PHONE, DESK, OTHER_DESK]) await enrol(core, mac, ADDRESSES[mac]);
    for (const mac of [DESK, OTHER_DESK]) await changeDevice(core, mac, { texts: { userType: 'hot_desk' } });
    await assign(core, HOME_PHONE, ann.id, ADDRESSES[HOME_PHONE]);
  });
  afterEach(() => core.close());

  async function dial(mac: string, keys: string, script = selfProvision): Promise<readonly string[]> {
    const [line] = await core.store.lines(mac);
    const address = ADDRESSES[mac] ?? '';
    const { endpoint = '', authName = '' } = line ?? {};
    const call = scriptedCall({ endpoint, authName, address, contact: `sip:x@${address}:5060`, keys });
    await script(core, call);
    return call.heard;
  }
  const logIn = (mac: string): Promise<readonly string[]> => dial(mac, `1500#${PIN}#1`);
  const phones = async (): Promise<readonly string[]> => (await core.store.linesOfUser(ann.id)).map(({ mac }) => mac);

  it('says what it is, and takes the line of whoever logs in', async () => {
    expect((await dial(DESK, ''))[0]).to.equal('hot-desk-welcome');
    expect(await logIn(DESK)).to.deep.equal(['logged-in']);
    expect(await phones()).to.deep.equal([DESK]);
  });

  it('gives the line back by the same call, without a PIN', async () => {
    await logIn(DESK);
    expect(await dial(DESK, '1')).to.deep.equal(['logged-off']);
    expect(await phones()).to.deep.equal([HOME_PHONE]);
    expect(await core.store.hotDesk(DESK)).to.equal(undefined);
  });

  it('stays as it is when whoever is asked does not want to log off', async () => {
    await logIn(DESK);
    expect(await dial(DESK, '')).to.include('goodbye');
    expect(await phones()).to.deep.equal([DESK]);
  });

  it('is logged off by the call that gives any phone back, too', async () => {
    await logIn(DESK);
    expect(await dial(DESK, '1', release)).to.deep.equal(['logged-off']);
    expect(await phones()).to.deep.equal([HOME_PHONE]);
  });

  it('is given back by the next log-in elsewhere, and the line goes home from there', async () => {
    await logIn(DESK);
    await logIn(OTHER_DESK);
    expect(await phones()).to.deep.equal([OTHER_DESK]);
    await dial(OTHER_DESK, '1');
    expect(await phones()).to.deep.equal([HOME_PHONE]);
  });

  it('sends home also the phone that its user was given while logged in', async () => {
    const given = '001565aabb04';
    await logIn(DESK);
    await enrol(core, given, '10.0.0.4');
    await assign(core, given, ann.id, '10.0.0.4');
    await logIn(OTHER_DESK);
    expect(await phones()).to.deep.equal([OTHER_DESK]);
    await dial(OTHER_DESK, '1');
    expect(await phones()).to.have.members([HOME_PHONE, given]);
  });

  it('says so when an administrator was faster than the caller who logs off', async () => {
    await logIn(DESK);
    const [line] = await core.store.lines(DESK);
    const { endpoint = '', authName = '' } = line ?? {};
    const call = scriptedCall({ endpoint, authName, address: ADDRESSES[DESK] ?? '', keys: '1' });
    const ask: typeof call.ask = async (question) => {
      await releaseDevice(core, { mac: DESK, actor: 'test' });
      return call.ask(question);
    };
    await selfProvision(core, { ...call, ask });
    expect(call.heard.at(-1)).to.equal('not-assigned');
    expect(await phones()).to.deep.equal([HOME_PHONE]);
  });

  it('is given back at the time of day that the tenant says', async () => {
    await changeTenant(core, 'default', { texts: { hotDeskEnds: '18:00', timeZone: 'Europe/Berlin' } });
    await logIn(DESK);
    core.pass(7 * 60 * 60_000);
    await endHotDesks(core);
    expect(await phones(), '16:00 in Berlin').to.deep.equal([DESK]);
    core.pass(3 * 60 * 60_000);
    await endHotDesks(core);
    expect(await phones()).to.deep.equal([HOME_PHONE]);
  });

  it('sends the line home also when an administrator takes it, or removes it', async () => {
    await logIn(DESK);
    await releaseDevice(core, { mac: DESK, actor: 'test' });
    expect(await phones()).to.deep.equal([HOME_PHONE]);
    await logIn(DESK);
    await removeDevice(core, { mac: DESK, actor: 'test' });
    expect(await phones()).to.deep.equal([HOME_PHONE]);
  });

  it('lets its user be removed', async () => {
    await logIn(DESK);
    await removeUser(core, ann);
    expect(await core.store.hotDesk(DESK)).to.equal(undefined);
    expect((await core.store.lines(HOME_PHONE)).every(({ userId }) => userId === null)).to.equal(true);
  });

  it('tells when the line cannot go home, because somebody else has that phone by now', async () => {
    const { user: bo } = await addUser(core, { tenantId: 'default', extension: '1501', name: 'Bo' });
    await logIn(DESK);
    await assign(core, HOME_PHONE, bo.id, ADDRESSES[HOME_PHONE]);
    await dial(DESK, '1');
    expect(await phones()).to.deep.equal([]);
    const events = await core.store.events({ mac: HOME_PHONE, limit: 3 });
    expect(events.at(-1)).to.include({ step: 'refused', actor: 'selfprov' });
  });

  it('does not take a line whose user may have no phone of its kind', async () => {
    await core.store.updateProfile(ann.profileId, { families: ['snom'] });
    expect(await logIn(DESK)).to.deep.equal(['kind-not-allowed']);
    expect(await phones()).to.deep.equal([HOME_PHONE]);
    expect((await core.store.events({ mac: DESK, limit: 1 }))[0]?.step).to.equal('refused');
  });
});

describe('A shared adapter', () => {
  const [ADAPTER, PHONE] = ['000b82aabb02', '001565aabb01'];
  const [ADDRESS, PINS] = ['10.0.0.2', { 1500: '840271', 1501: '739105' }];
  let core: TestCore;
  beforeEach(async () => {
    core = { ...(await openTestCore()), portsOf: ({ family }) => (family === 'grandstream-ht' ? 2 : 1) };
    for (const [extension, pin] of Object.entries(PINS))
      await addUser(core, { tenantId: 'default', extension, name: `User ${extension}`, pin });
    await enrol(core, PHONE, '10.0.0.1');
    await giveDevice(core, { mac: PHONE, tenantId: 'default', extension: '1500' });
    await enrol(core, ADAPTER, ADDRESS, 'grandstream-ht');
    await changeDevice(core, ADAPTER, { texts: { userType: 'hot_desk' } });
    await changeTenant(core, 'default', { texts: { hotDeskEnds: '18:00' } });
  });
  afterEach(() => core.close());

  async function dial(slot: number, keys: string): Promise<readonly string[]> {
    const line = (await core.store.lines(ADAPTER)).find((each) => each.slot === slot);
    const { endpoint = '', authName = '' } = line ?? {};
    const call = scriptedCall({ endpoint, authName, address: ADDRESS, contact: `sip:x@${ADDRESS}:506${slot}`, keys });
    await selfProvision(core, call);
    return call.heard;
  }
  const whose = async (mac: string): Promise<readonly string[]> =>
    (await core.store.lines(mac)).map(({ userId, endpoint }) => (userId === null ? 'nobody' : endpoint));

  describe('with a port that is somebody’s own', () => {
    beforeEach(async () => {
      await giveDevice(core, { mac: ADAPTER, tenantId: 'default', extension: '1501', slot: 1 });
      expect(await dial(2, `1500#${PINS[1500]}#1`)).to.include('logged-in');
    });

    it('takes at the time of day that the tenant says back what is borrowed, and nothing else', async () => {
      core.pass(24 * 60 * 60_000);
      await endHotDesks(core);
      expect(await whose(ADAPTER)).to.deep.equal(['1501', 'nobody']);
    });

    it('stays borrowed when the other port is given back', async () => {
      await releaseDevice(core, { mac: ADAPTER, slot: 1, actor: 'test' });
      expect(await whose(ADAPTER)).to.deep.equal(['nobody', '1500']);
      expect(await whose(PHONE)).to.deep.equal(['nobody']);
      expect(await dial(2, '1')).to.deep.equal(['logged-off']);
      expect(await whose(PHONE)).to.deep.equal(['1500']);
    });

    it('does not log that one off without a PIN', async () => {
      expect(await dial(1, '1')).to.include('already-assigned');
      expect(await whose(ADAPTER)).to.deep.equal(['1501', '1500']);
    });
  });

  it('is borrowed by one at a time', async () => {
    await dial(1, `1500#${PINS[1500]}#1`);
    expect(await dial(2, `1501#${PINS[1501]}#1`)).to.include('already-assigned');
    expect(await whose(ADAPTER)).to.deep.equal(['1500', 'nobody']);
  });
});

describe('The next time that a clock shows 18:00', () => {
  const at = (text: string): number => Date.parse(text);
  for (const [zone, now, next] of [
    ['UTC', '2026-01-05T08:00:00Z', '2026-01-05T18:00:00Z'],
    ['UTC', '2026-01-05T18:00:00Z', '2026-01-06T18:00:00Z'],
    ['Europe/Berlin', '2026-01-05T16:59:00Z', '2026-01-05T17:00:00Z'],
    ['Europe/Berlin', '2026-03-28T20:00:00Z', '2026-03-29T16:00:00Z'],
    ['Europe/Berlin', '2026-10-24T20:00:00Z', '2026-10-25T17:00:00Z'],
    ['Asia/Kolkata', '2026-01-05T08:00:00Z', '2026-01-05T12:30:00Z'],
  ] as const) {
    it(`in ${zone} after ${now} is ${next}`, () => {
      expect(new Date(nextTime('18:00', zone, at(now))).toISOString()).to.equal(new Date(next).toISOString());
    });
  }
});
