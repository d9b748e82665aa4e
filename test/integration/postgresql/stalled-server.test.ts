import { expect } from 'chai';
import type { Knex } from 'knex';
import type { Secret } from '../../../src/domain/secret.ts';
import { connect } from '../../../src/store/postgres/connect.ts';
import { statementsOn } from '../../../src/store/postgres/statementsOn.ts';
import { transactionsOn } from '../../../src/store/postgres/transactionsOn.ts';
import { waitFor } from '../../support/wait.ts';
import { databases } from '../../support/testDatabase.ts';

describe('A PostgreSQL server that says nothing for longer than anybody waits, and goes on', function () {
  this.timeout(20_000);
  let url: Secret;
  let database: Knex;

  beforeEach(async () => {
    url = await (await databases()).take();
    ({ database } = connect(url, { query_timeout: 300 }));
  });
  afterEach(async () => {
    await database.destroy();
    await (await databases()).giveBack(url);
  });

  it('has nothing of the transaction that was given up meanwhile, whatever is written next', async () => {
    const transaction = transactionsOn(database, statementsOn(database), () => false);
    const claim = (inside: Knex, key: string): Promise<unknown> =>
      inside('claims').insert({ what: 'app', key, holder: 'test', until: 0 });
    const givenUp = transaction(async (inside) => {
      await claim(inside, 'given up');
      await inside.raw('SELECT pg_sleep(1.5)');
    });
    expect((await Promise.allSettled([givenUp]))[0].status).to.equal('rejected');
    const next = (): Promise<unknown> => transaction((inside) => claim(inside, 'next'));
    await waitFor(async () => (await Promise.allSettled([next()]))[0].status === 'fulfilled', { what: 'the server' });
    expect(await database('claims').pluck('key')).to.deep.equal(['next']);
  });
});
