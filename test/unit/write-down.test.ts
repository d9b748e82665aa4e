import { expect } from 'chai';
import { SelfprovError } from '../../src/domain/errors.ts';
import type { Store } from '../../src/domain/ports.ts';
import { catchUp, writeDown } from '../../src/provisioning/writeDown.ts';

function database() {
  const written: string[] = [];
  let isAway = true;
  let tries = 0;
  const write = (what: string) => async (): Promise<void> => {
    tries += 1;
    if (isAway) throw new SelfprovError('unavailable', 'the database cannot be reached');
    written.push(what);
  };
  const store: Pick<Store, 'transaction'> = { transaction: () => Promise.reject(new Error('not asked')) };
  return { store, written, write, tries: () => tries, comesBack: () => (isAway = false) };
}

const fail = (error: unknown): never => {
  throw error;
};

describe('What happens while the database is away', () => {
  it('is written when it is back, and once', async () => {
    const { store, written, write, comesBack } = database();
    for (const what of ['a', 'b', 'c']) await writeDown(store, write(what));
    await catchUp(store, fail);
    expect(written).to.deep.equal([]);
    comesBack();
    await catchUp(store, fail);
    await catchUp(store, fail);
    expect(written.toSorted()).to.deep.equal(['a', 'b', 'c']);
  });

  it('is kept once for what it is about', async () => {
    const { store, written, write, comesBack } = database();
    await writeDown(store, write('first'), 'phone');
    await writeDown(store, write('second'), 'phone');
    comesBack();
    await catchUp(store, fail);
    expect(written).to.deep.equal(['second']);
  });

  it('is tried with one of all that is kept', async () => {
    const { store, write, tries } = database();
    for (const what of ['a', 'b', 'c']) await writeDown(store, write(what));
    await catchUp(store, fail);
    expect(tries()).to.equal(4);
  });

  it('is not kept when it can never be written', async () => {
    const { store } = database();
    const broken = writeDown(store, () => Promise.reject(new Error('broken')));
    expect(await broken.catch((error: Error) => error.message)).to.equal('broken');
    await catchUp(store, fail);
  });
});
