import { expect } from 'chai';
import type { Claims } from '../../src/domain/ports.ts';
import { createLog } from '../../src/log.ts';
import { openStore, type OpenStore } from '../../src/store/open.ts';
import { A_SYNC } from '../support/aSync.ts';
import { fakeClaims, type Claim } from '../support/fakeClaims.ts';
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

  keepTheContract(() => [core.store, other.store]);

  const itOnPostgres = ON_POSTGRES ? it : (): void => undefined;
  itOnPostgres('hear at once of what is due', async () => {
    let told = 0;
    const listening = core.listen(() => (told += 1), createLog('silent'));
    await waitFor(() => told === 1, { what: 'the connection' });
    await other.store.transaction(async (store) => {
      await store.addSync(A_SYNC, []);
    });
    await waitFor(() => told === 2, { what: 'the word', limit: 2000 });
    await listening.close();
  });

  it('each see at once what the other has written', async () => {
    const device = await enrol(core, '001565aabb01');
    expect((await other.store.device(device.mac))?.mac).to.equal(device.mac);
  });
});

describe('The claims that the model is explored with', () => {
  keepTheContract(() => {
    const all = new Map<string, Claim>();
    return [fakeClaims(all, Date.now, 'one'), fakeClaims(all, Date.now, 'other')];
  });
});

function keepTheContract(two: () => readonly [Claims, Claims]): void {
  it('share what there is to do, and neither does what the other is at', async () => {
    const [one, other] = two();
    const keys = Array.from({ length: 300 }, (_, i) => `device-${i}`);
    const [ours, theirs] = await Promise.all([one.claim('device', keys, 60_000), other.claim('device', keys, 60_000)]);
    expect([...ours, ...theirs].toSorted()).to.deep.equal(keys.toSorted());
    expect(await one.claim('device', ours, 60_000), 'is still its own').to.have.members([...ours]);

    await one.giveBack('device', keys);
    await other.giveBack('device', keys);
    expect(await other.claim('device', keys, 60_000)).to.have.members(keys);
    await one.giveBack('device', keys);
    expect(await one.claim('device', keys, 60_000), 'gives back only what is its own').to.deep.equal([]);
  });

  it('one of which has died leave nothing undone', async () => {
    const [one, other] = two();
    expect(await other.claim('app', ['selfprov-2'], 0)).to.deep.equal(['selfprov-2']);
    await waitFor(async () => (await one.abandoned('app')).length === 1, { what: 'its time being up' });
    expect(await one.claim('app', ['selfprov-2'], 60_000)).to.deep.equal(['selfprov-2']);
    expect(await one.abandoned('app')).to.deep.equal([]);
  });
}
