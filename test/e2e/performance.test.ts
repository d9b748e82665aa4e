import { expect } from 'chai';
import { besideOthers, requestsOf } from '../../scripts/bench/files.ts';
import { fill, HOME } from '../../scripts/bench/fill.ts';
import { firstContacts } from '../../scripts/bench/firstContact.ts';
import { readMeasured } from '../../scripts/bench/measured.ts';
import { serve, type Server } from '../../scripts/bench/server.ts';
import { bareNode } from '../../scripts/bench/yardsticks.ts';
import { openTestCoreOn, type TestCore } from '../support/core.ts';

/** Of users, whose files are more than the cache has room for. */
const PHONES = 3500;
const TRIES = 3;
const BARE = 'bare node:http';

/**
 * A short form of `npm run bench`: the built server in a process of its own, beside a bare node:http in the same moment. The best of three
 * tries has to come to half of what was measured on a quiet machine, which a noisy one does.
 */
describe('The built server', function () {
  this.timeout(60_000);
  let core: TestCore;
  let server: Server;
  let rates: Awaited<ReturnType<typeof besideOthers>>;

  before(async () => {
    core = await openTestCoreOn(undefined);
    const phones = await fill(core, PHONES, {
      makerAt: () => 'yealink',
      isOwnedAt: () => true,
      addressAt: () => HOME,
    });
    await core.leave();
    server = await serve(core.environment);
    const asked = requestsOf(phones)['4 lines, 40 keys'] ?? [];
    rates = await besideOthers(server.port, asked, 'keep', TRIES, { [BARE]: bareNode });
  });
  after(async () => {
    await server.close();
    await core.close();
  });

  for (const how of ['from the cache', 'rendered anew'] as const) {
    it(`serves a user’s file ${how} as fast as it did, beside node:http alone`, () => {
      const bare = rates[BARE] ?? [];
      const tries = (rates[how] ?? []).map((rate, at) => rate / (bare[at] ?? Number.NaN));
      expect(Math.max(...tries), tries.join()).to.be.greaterThan(
        measured('files', `4 lines, 40 keys, ${how}, kept`) / 2,
      );
    });
  }

  it('takes phones in that were never seen as fast as it did, beside node:http alone', async () => {
    const tries: number[] = [];
    for (let at = 0; at < TRIES; at++) {
      const { value, beside } = await firstContacts(server.port, { phones: 500, from: at * 1000 });
      tries.push(value / beside);
    }
    expect(Math.max(...tries), tries.join()).to.be.greaterThan(measured('firstContact', 'first requests; SQLite') / 2);
  });
});

/** How selfprov stood beside the bare server when all was measured: the least of what begins like this, over SQLite. */
function measured(part: 'files' | 'firstContact', what: string): number {
  const figures = (readMeasured().parts[part] ?? []).filter((figure) => {
    return figure.what.startsWith(what) && figure.what.includes('SQLite') && figure.beside?.what.startsWith(BARE);
  });
  expect(figures, what).not.to.deep.equal([]);
  // Nobody is faster than what does nothing else: that was noise.
  return Math.min(1, ...figures.map(({ value, beside }) => value / (beside?.value ?? Number.NaN)));
}
