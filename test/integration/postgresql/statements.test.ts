import { expect } from 'chai';
import type { Knex } from 'knex';
import { rmSync } from 'node:fs';
import { openPostgres } from '../../../src/store/postgres/openPostgres.ts';
import { aUser } from '../../support/aUser.ts';
import { openTestCoreOn, type TestCore } from '../../support/core.ts';
import { refusalOf } from '../../support/refusal.ts';
import { databases } from '../../support/testDatabase.ts';

describe('Over PostgreSQL', () => {
  let core: TestCore;
  let other: Knex;

  beforeEach(async () => {
    core = await openTestCoreOn(await (await databases()).take());
    other = core.connect();
  });
  afterEach(async () => {
    await other.destroy();
    await core.leave();
    rmSync(core.directory, { recursive: true });
  });

  const extensions = async (): Promise<readonly string[]> =>
    (await core.store.users('default')).map(({ extension }) => extension);

  it('what has been planned for other columns is planned anew', async () => {
    await core.store.addUser(aUser('1500'));
    expect(await extensions()).to.deep.equal(['1500']);
    // As a newer version does, while this one runs.
    await other.raw('ALTER TABLE users ADD COLUMN favourite text');
    expect(await extensions()).to.deep.equal(['1500']);
    await core.store.transaction(async (store) => {
      expect(await store.users('default')).to.have.length(1);
    });
  });

  it('a network without a way there is told from a mistake, as a server is that has no room', async () => {
    const engine = await openPostgres(await (await databases()).take());
    for (const code of ['ENETUNREACH', 'ENETDOWN', 'EHOSTUNREACH', 'EADDRNOTAVAIL', '57P01', '53200', '25P03'])
      expect(engine.judge(Object.assign(new Error('lost'), { code })), code).to.equal('later');
    expect(engine.judge(Object.assign(new Error('nonsense'), { code: '42601' }))).to.be.instanceOf(Error);
    await engine.close();
  });

  it('transactions whose connection is lost are all refused, and nothing of them is left', async () => {
    const add = (extension: string, then: () => Promise<unknown>): Promise<unknown> =>
      core.store.transaction(async (store) => {
        await store.addUser(aUser(extension));
        await then();
        return store.users('default');
      });
    const end = (): Promise<unknown> =>
      other.raw(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'selfprov' AND state = 'idle in transaction'`);
    const nothing = (): Promise<void> => Promise.resolve();
    const all = [add('1500', nothing), add('1501', nothing), add('1502', end), add('1503', nothing)];
    const settled = await Promise.allSettled(all);
    expect(settled[0]?.status).to.equal('fulfilled');
    for (const code of [await refusalOf(all[2] ?? end()), await refusalOf(all[3] ?? end())].map((each) => each.code))
      expect(code).to.equal('unavailable');
    expect(await extensions())
      .to.not.include('1502')
      .and.not.include('1503');
    await add('1504', nothing);
    expect(await extensions())
      .to.include('1500')
      .and.include('1504');
  });
});
