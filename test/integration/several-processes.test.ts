import { expect } from 'chai';
import type { Sync } from '../../src/domain/sync.ts';
import { createLog } from '../../src/log.ts';
import { openStore, type OpenStore } from '../../src/store/open.ts';
import { FIRST_TENANT, openTestCore, type TestCore } from '../support/core.ts';
import { enrol } from '../support/steps.ts';
import { ON_POSTGRES } from '../support/testDatabase.ts';
import { waitFor } from '../support/wait.ts';

describe('Two processes on one database', function () {
  this.timeout(20_000);
  let core: TestCore;
  let other: OpenStore;

  beforeEach(async () => {
    core = await openTestCore();
    other = await openStore(core.place, FIRST_TENANT);
  });
  afterEach(async () => {
    await other.close();
    await core.close();
  });

  it('share what there is to do, and neither does what the other is at', async () => {
    const keys = Array.from({ length: 300 }, (_, i) => `device-${i}`);
    const [ours, theirs] = await Promise.all([
      core.store.claim('device', keys, 60_000),
      other.store.claim('device', keys, 60_000),
    ]);
    expect([...ours, ...theirs].toSorted()).to.deep.equal(keys.toSorted());
    expect(await core.store.claim('device', ours, 60_000), 'is still its own').to.have.members([...ours]);

    await core.store.giveBack('device', keys);
    expect(await other.store.claim('device', keys, 60_000)).to.have.members(keys);
  });

  it('one of which has died leave nothing undone', async () => {
    expect(await other.store.claim('app', ['selfprov-2'], 0)).to.deep.equal(['selfprov-2']);
    await waitFor(async () => (await core.store.abandoned('app')).length === 1, { what: 'its time being up' });
    expect(await core.store.claim('app', ['selfprov-2'], 60_000)).to.deep.equal(['selfprov-2']);
    expect(await core.store.abandoned('app')).to.deep.equal([]);
  });

  const itOnPostgres = ON_POSTGRES ? it : (): void => undefined;
  itOnPostgres('hear at once of what is due', async () => {
    let told = 0;
    const listening = core.listen(() => (told += 1), createLog('silent'));
    await waitFor(() => told === 1, { what: 'the connection' });
    await other.store.transaction(async (store) => {
      await store.addSync(SYNC, []);
    });
    await waitFor(() => told === 2, { what: 'the word', limit: 2000 });
    await listening.close();
  });

  it('each see at once what the other has written', async () => {
    const device = await enrol(core, '001565aabb01');
    expect((await other.store.device(device.mac))?.mac).to.equal(device.mac);
  });
});

const SYNC: Omit<Sync, 'id'> = {
  ...{ tenantId: 'default', actor: 'test', what: 'devices', mac: null, state: 'running' },
  ...{ perMinute: 1, perAddress: 1, canary: 0, mostLost: 0, canaryWithin: 1, backWithin: 1 },
  ...{ canaryPassedAt: null, startedAt: 0, endedAt: null },
};
