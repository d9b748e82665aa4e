import { expect } from 'chai';
import { STEPS, story, type Plant } from '../support/fastAndSlow/story.ts';
import { ON_POSTGRES } from '../support/testDatabase.ts';

const SEEDS = process.env['SELFPROV_SEEDS']?.split(',').map(Number) ?? [1, 2, 3];
/** What others write cannot be overheard over PostgreSQL without being told of the loss. */
const PLANTS: readonly Plant[] = [
  'own writes are not heard of',
  'writes of a line are not heard of',
  ...(ON_POSTGRES ? [] : (['others’ writes are not heard of'] as const)),
  'files outlive their snapshot',
];

describe('What is answered at once', function () {
  this.timeout(120_000);

  for (const seed of SEEDS) {
    it(`is what the slow way answers, whatever changes underneath, by whomever (story ${seed})`, async () => {
      const { difference, quick, quickFamilies, ofUsers } = await story(seed);
      expect(difference).to.equal(undefined);
      // Enough to have been worth it.
      expect(quick).to.be.greaterThan(STEPS / 8);
      expect(quickFamilies).to.be.greaterThan(3);
      expect(ofUsers).to.be.greaterThan(STEPS / 200);
    });
  }

  for (const plant of PLANTS) {
    it(`would be seen to be old if ${plant}`, async () => {
      let difference: string | undefined;
      for (let seed = 1; seed <= 4; seed++) difference ??= (await story(seed, plant)).difference;
      expect(difference).to.be.a('string');
    });
  }
});
