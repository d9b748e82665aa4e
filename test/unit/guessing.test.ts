import { expect } from 'chai';
import { guessing, possiblePins, triesWithin } from '../../src/domain/guessing.ts';
import { isTrivialPin } from '../../src/domain/pin.ts';

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;

describe('The chance of guessing a PIN', () => {
  it('counts the PINs that are not refused as too easy', () => {
    for (const digits of [4, 5]) {
      let good = 0;
      for (let at = 0; at < 10 ** digits; at++) if (!isTrivialPin(String(at).padStart(digits, '0'))) good += 1;
      expect(possiblePins(digits), `${digits} digits`).to.equal(good);
    }
    // What nobody counts one by one: without those with fewer than four different digits, runs, and groups repeated.
    expect(possiblePins(6)).to.equal(1_000_000 - (10 + 45 * (2 ** 6 - 2) + 120 * (3 ** 6 - 3 * 2 ** 6 + 3)) - 20);
    const fewer = 10 + 45 * (2 ** 8 - 2) + 120 * (3 ** 8 - 3 * 2 ** 8 + 3);
    expect(possiblePins(8)).to.equal(10 ** 8 - fewer - 20 - 10 * 9 * 8 * 7);
  });

  it('knows how many tries a lock leaves: five, then five after each lock, which is twice as long each time', () => {
    expect(triesWithin(1)).to.equal(5);
    expect(triesWithin(5 * 60_000)).to.equal(5);
    expect(triesWithin(5 * 60_000 + 1)).to.equal(10);
    expect(triesWithin(DAY_MS)).to.equal(45);
    expect(triesWithin(366 * DAY_MS) - triesWithin(365 * DAY_MS)).to.equal(5);
  });

  it('is tries over PINs for one user, and nearly so many times as much for any of many', () => {
    const one = guessing(6, DAY_MS, 1);
    expect(one.chance).to.equal(one.tries / one.possible);
    expect(one.chanceOfAny).to.be.closeTo(one.chance, 1e-12);
    const many = guessing(6, DAY_MS, 1000);
    expect(many.chanceOfAny).to.be.within(900 * one.chance, 1000 * one.chance);
    expect(guessing(4, 400 * 365 * DAY_MS, 1).chance).to.equal(1);
  });
});
