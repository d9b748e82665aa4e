import { expect } from 'chai';
import { startProduct, type Product } from '../support/product.ts';
import { handOversUnderKills, SHORT_PAUSES } from '../support/underKills.ts';

/** Three rounds: each victim once. `sh scripts/kills.sh` goes on for a hundred, and prints figures. */
const PLAN = { hits: 10, atOnce: 4 };

describe('selfprov, Asterisk or both are killed while phones are handed over', function () {
  this.timeout(300_000);
  let product: Product;

  before(async () => {
    product = await startProduct(SHORT_PAUSES);
  });
  after(() => product.close());

  it('every hand-over that was accepted ends, without another call; before that another call is enough', async () => {
    const seed = Math.floor(Math.random() * 100_000);
    const { outcomes } = await handOversUnderKills(product, { ...PLAN, seed });
    expect(outcomes.length).to.be.at.least(PLAN.hits);
    for (const { mac, kill, isDone, wasAccepted, calls, story } of outcomes) {
      const about = `${mac}, ${kill.victim} killed at ${kill.moment} (seed ${seed}):\n  ${story}\n`;
      expect(isDone, about).to.equal(true);
      if (wasAccepted) expect(calls, about).to.equal(1);
    }
  });
});
