import { expect } from 'chai';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { fastPath } from '../../src/provisioning/fast/fastPath.ts';
import { answerRequest } from '../../src/provisioning/files/answerRequest.ts';
import type { FileRequest } from '../../src/provisioning/files/serveFile.ts';
import { answerNeeds } from '../support/answerNeeds.ts';
import { openTestCoreOn } from '../support/core.ts';
import { manyDevices } from '../support/manyDevices.ts';

const PHONES = 200;

describe('What is kept of files for phones that ask again', function () {
  this.timeout(30_000);

  it('takes no more memory than it may, however many ask', async () => {
    const core = await openTestCoreOn(undefined);
    const needs = answerNeeds(core);
    const cacheBytes = 128 * 1024;
    const fast = fastPath({ ...needs, snapshots: core.snapshots, failed: () => undefined, cacheBytes });
    const bodies: { readonly bytes: number; readonly body: WeakRef<Buffer> }[] = [];

    for (const { mac, address } of await manyDevices(core, PHONES, { register: false })) {
      const [line] = await core.store.lines(mac);
      const request: FileRequest = {
        ...{ path: `/${mac}.cfg`, userAgent: `Yealink SIP-T46S 66.86.0.15 ${mac}`, method: 'GET', transport: 'http' },
        claim: { token: line?.token ?? null, address },
      };
      // What it is called is written down the first time.
      await answerRequest(needs, request);
      for (let times = 0; times < 3; times++) {
        const body = fast.answer(request)?.body;
        if (body !== undefined) bodies.push({ bytes: body.length, body: new WeakRef(body) });
      }
    }
    expect(bodies).to.have.length(3 * PHONES);

    await turn();
    setFlagsFromString('--expose-gc');
    (runInNewContext('gc') as () => void)();
    const alive = new Map(bodies.map(({ bytes, body }) => [body.deref(), bytes] as const));
    alive.delete(undefined);
    expect([...alive.values()].reduce((sum, bytes) => sum + bytes, 0)).to.be.lessThan(2 * cacheBytes);
    await fast.close();
    await core.close();
  });
});
