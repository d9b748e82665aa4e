import Database from 'better-sqlite3';
import { expect } from 'chai';
import { setImmediate as turn } from 'node:timers/promises';
import { openTestCore, type TestCore } from '../support/core.ts';
import { refusalOf } from '../support/refusal.ts';
import { enrol } from '../support/steps.ts';
import { within } from '../support/wait.ts';

describe('While another program keeps the database locked', function () {
  this.timeout(20_000);
  let core: TestCore;
  let other: Database.Database;

  beforeEach(async () => {
    core = await openTestCore();
    other = new Database(core.database);
    other.exec('BEGIN IMMEDIATE');
  });
  afterEach(async () => {
    if (other.inTransaction) other.exec('ROLLBACK');
    other.close();
    await core.close();
  });

  it('what is read is read at once, and nothing stands still', async () => {
    const waits = enrol(core, '001565aabb01');
    let turns = 0;
    const until = performance.now() + 300;
    while (performance.now() < until) {
      expect(await within(core.store.devices('default'), { what: 'reading', limit: 200 })).to.deep.equal([]);
      await turn();
      turns += 1;
    }
    expect(turns).to.be.greaterThan(50);
    other.exec('ROLLBACK');
    await waits;
    expect(await core.store.devices('default')).to.have.length(1);
  });

  it('a single write waits for its turn as a transaction does', async () => {
    const waits = core.store.addEvent({ step: 'called', tenantId: 'default' });
    await turn();
    other.exec('ROLLBACK');
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
