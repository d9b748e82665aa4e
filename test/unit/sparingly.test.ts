import { expect } from 'chai';
import { sparingly } from '../../src/store/postgres/sparingly.ts';
import { waitFor } from '../support/wait.ts';

describe('An attempt to connect', () => {
  it('that has failed is not made again by all who wait for it, but soon by somebody', async () => {
    let attempts = 0;
    const connect = sparingly(async () => {
      attempts += 1;
      if (attempts === 1) throw new Error('away');
      return 'connected';
    });
    const said = (): Promise<string> => connect().catch((error: Error) => error.message);
    for (let turn = 0; turn < 20; turn++) expect(await said()).to.equal('away');
    expect(attempts).to.equal(1);
    await waitFor(async () => (await said()) === 'connected', { what: 'another attempt' });
    expect(attempts).to.equal(2);
  });
});
