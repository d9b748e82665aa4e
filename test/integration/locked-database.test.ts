import { expect } from 'chai';
import type { Knex } from 'knex';
import { setImmediate as turn } from 'node:timers/promises';
import { isPostgres } from '../support/connectTo.ts';
import { openTestCore, type TestCore } from '../support/core.ts';
import { tablesIn } from '../support/everythingIn.ts';
import { refusalOf } from '../support/refusal.ts';
import { enrol } from '../support/steps.ts';
import { within } from '../support/wait.ts';

describe('While another program keeps the database locked', function () {
  this.timeout(20_000);
  let core: TestCore;
  let other: Knex;
  let lock: Knex.Transaction;

  beforeEach(async () => {
    core = await openTestCore();
    other = core.connect();
    lock = await other.transaction();
    // Others may read, nobody may write.
    if (isPostgres(other)) await lock.raw(`LOCK TABLE ${(await tablesIn(lock)).join()} IN SHARE ROW EXCLUSIVE MODE`);
    else await lock('tenants').whereRaw('1 = 0').update({ name: '' });
  });
  afterEach(async () => {
    if (!lock.isCompleted()) await lock.rollback();
    await other.destroy();
    await core.close();
  });

  it('what is read is read at once, and nothing stands still', async () => {
    const waits = enrol(core, '001565aabb01');
    let turns = 0;
    const until = performance.now() + 300;
    while (performance.now() < until) {
      expect(await within(core.store.devices('default'), { what: 'reading', limit: 1000 })).to.deep.equal([]);
      await turn();
      turns += 1;
    }
    expect(turns).to.be.greaterThan(10);
    await lock.rollback();
    await waits;
    expect(await core.store.devices('default')).to.have.length(1);
  });

  it('a single write waits for its turn as a transaction does', async () => {
    const waits = core.store.addEvent({ step: 'called', tenantId: 'default' });
    await turn();
    await lock.rollback();
    await waits;
    expect(await core.store.events({ limit: 9 })).to.have.length(1);
  });

  it('for seconds, who wants to write is told so in words, and nothing is half done', async () => {
    const refusal = await refusalOf(enrol(core, '001565aabb01'));
    expect(refusal).to.include({ code: 'unavailable' });
    expect(refusal.message).to.match(/locked/);
    expect(await core.store.devices('default')).to.deep.equal([]);
  });
});
