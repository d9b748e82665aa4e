import { join } from 'node:path';
import { expect } from 'chai';
import Database from 'better-sqlite3';
import { openTestCore, type TestCore } from '../../support/core.ts';
import { aUser } from '../../support/aUser.ts';
import { refusalOf } from '../../support/refusal.ts';

describe('Transactions over a file that are asked for at the same time', () => {
  let core: TestCore;
  beforeEach(async () => {
    core = await openTestCore();
  });
  afterEach(() => core.close());

  const add = (extension: string): Promise<number> =>
    core.store.transaction(async (store) => {
      await store.addUser(aUser(extension));
      return (await store.users('default')).length;
    });

  it('are all told when the database cannot carry on, and are done when it can', async () => {
    const other = new Database(join(core.directory, 'selfprov.sqlite'));
    other.exec(`CREATE TRIGGER is_full BEFORE INSERT ON users BEGIN SELECT RAISE(ROLLBACK, 'disk is full'); END`);
    const refused = await Promise.all([refusal(add('1500')), refusal(add('1501'))]);
    expect(refused).to.deep.equal([true, true]);
    other.exec('DROP TRIGGER is_full');
    other.close();
    expect(await add('1502')).to.equal(1);
  });

  it('wait together while another program has the database, and are refused together when that lasts', async function () {
    this.timeout(20_000);
    const other = new Database(join(core.directory, 'selfprov.sqlite'));
    other.exec('BEGIN IMMEDIATE');
    const refusals = await Promise.all(['1500', '1501'].map((extension) => refusalOf(add(extension))));
    for (const { code } of refusals) expect(code).to.equal('unavailable');
    const waits = add('1502');
    other.exec('ROLLBACK');
    other.close();
    expect(await waits).to.equal(1);
  });

  const refusal = (work: Promise<unknown>): Promise<boolean> =>
    work.then(
      () => false,
      () => true,
    );
});
