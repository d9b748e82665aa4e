import { expect } from 'chai';
import { openTestCore, type TestCore } from '../support/core.ts';

describe('The clock of the database', () => {
  let core: TestCore;
  const { now } = Date;

  before(async () => {
    core = await openTestCore();
  });

  after(async () => {
    Date.now = now;
    await core.close();
  });

  it('is that of this machine, where they run together', async () => {
    expect(await core.ping()).to.be.within(-1000, 1000);
  });

  it('is found to be behind a machine whose clock is a minute ahead', async () => {
    Date.now = () => now() + 60_000;
    expect(await core.ping()).to.be.within(-61_000, -59_000);
  });
});
