import { expect } from 'chai';
import { openTestCore, type TestCore } from '../support/core.ts';
import { aUser } from '../support/aUser.ts';

describe('Transactions that are asked for at the same time', () => {
  let core: TestCore;
  let heard: string[];
  beforeEach(async () => {
    heard = [];
    core = await openTestCore(({ step }) => heard.push(step));
  });
  afterEach(() => core.close());

  const add = (extension: string, fails = false): Promise<number> =>
    core.store.transaction(async (store) => {
      await store.addUser(aUser(extension));
      await store.updateTenant('default', { name: extension });
      await store.addEvent({ step: 'called', tenantId: 'default' });
      if (fails) throw new Error(`not ${extension}`);
      return (await store.users('default')).length;
    });

  it('are all or nothing each, and those after one that failed do not see it', async () => {
    const all = await Promise.allSettled([add('1500'), add('1501', true), add('1502')]);
    expect(all.map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected', 'fulfilled']);
    expect(all.map((one) => (one.status === 'fulfilled' ? one.value : 0))).to.deep.equal([1, 0, 2]);
    expect((await core.store.users('default')).map(({ extension }) => extension)).to.deep.equal(['1500', '1502']);
    expect(heard).to.deep.equal(['called', 'called']);
  });

  it('do not see what one before them has read and undone', async () => {
    const failing = core.store.transaction(async (store) => {
      await store.updateTenant('default', { name: 'undone' });
      await store.tenant('default');
      throw new Error('no');
    });
    const reading = core.store.transaction((store) => store.tenant('default'));
    await failing.catch(() => undefined);
    expect((await reading)?.name).to.equal('Default');
  });
});
