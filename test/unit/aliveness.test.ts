import { expect } from 'chai';
import { keepAlive } from '../../src/aliveness.ts';
import type { Asterisk } from '../../src/asterisks.ts';
import { SelfprovError } from '../../src/domain/errors.ts';
import { createLog } from '../../src/log.ts';
import { fakeClaims, type Claim } from '../support/fakeClaims.ts';
import { waitFor } from '../support/wait.ts';

describe('The calls of a process that has died', () => {
  it('are taken over at the next look when Asterisk could not be asked at the first, and then once', async () => {
    const all = new Map<string, Claim>();
    await fakeClaims(all, () => 0, 'dead').claim('app', ['selfprov-2'], 0);
    const asked: string[] = [];
    let calls = ['one', 'other'];
    const ari = {
      state: () => ({ state: 'up' }),
      channels: async () => calls,
      async takeOver(channel: string) {
        asked.push(channel);
        if (asked.length === 1) throw new SelfprovError('unavailable', 'ARI is gone');
        if (channel === 'other') calls = [];
      },
    } as unknown as Asterisk['ari'];
    const alive = keepAlive({
      store: fakeClaims(all, () => 1, 'living'),
      apps: ['selfprov-1', 'selfprov-2'],
      own: 'selfprov-1',
      asterisks: [{ name: null, ari } as Asterisk],
      onGap: () => undefined,
      log: createLog('silent'),
    });
    await waitFor(() => calls.length === 0, { what: 'the calls being taken over', limit: 4000 });
    await alive.close();
    expect(asked).to.deep.equal(['one', 'one', 'other']);
  });
});
