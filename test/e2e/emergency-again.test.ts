import { expect } from 'chai';
import { openAsteriskBench, type AsteriskBench } from '../support/asteriskBench.ts';
import { rawCall } from '../support/rawCall.ts';
import { enrol } from '../support/steps.ts';

describe('A phone whose emergency call breaks off: its cable is loose, or its Wi-Fi', function () {
  this.timeout(60_000);
  let bench: AsteriskBench;
  before(async () => {
    bench = await openAsteriskBench();
  });
  after(() => bench.close());

  it('gets through to 112 at the third time too', async () => {
    const { endpoint, authName, secret } = await enrol(bench.core, '001565aabb01');
    const statuses: number[] = [];
    for (let i = 0; i < 3; i++) {
      const call = await rawCall({
        ...{ sipPort: bench.sipPort, user: endpoint, authName, password: secret.reveal(), number: '112' },
      });
      statuses.push(call.status);
      // Gone without a word.
      call.close();
    }
    expect(statuses).to.deep.equal([200, 200, 200]);
  });
});
