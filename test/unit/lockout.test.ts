import { expect } from 'chai';
import { afterWrong, isLocked, NO_TRIES } from '../../src/domain/lockout.ts';
import type { Tries } from '../../src/domain/lockout.ts';

const MINUTE = 60_000;

describe('The lock after wrong PINs', () => {
  const wrongTimes = (n: number, from: Tries = NO_TRIES, now = 0): Tries =>
    Array.from({ length: n }).reduce<Tries>((tries) => afterWrong(tries, now), from);

  it('leaves four wrong PINs in a row without a lock', () => {
    expect(isLocked(wrongTimes(4), 0)).to.equal(false);
  });

  it('begins at the fifth and lasts five minutes', () => {
    const locked = wrongTimes(5);
    expect(isLocked(locked, 5 * MINUTE - 1)).to.equal(true);
    expect(isLocked(locked, 5 * MINUTE)).to.equal(false);
  });

  it('doubles each time it happens again, up to a day', () => {
    let tries = NO_TRIES;
    const minutes: number[] = [];
    for (let i = 0; i < 12; i++) {
      tries = wrongTimes(5, tries);
      minutes.push((tries.lockedUntil ?? 0) / MINUTE);
    }
    expect(minutes).to.deep.equal([5, 10, 20, 40, 80, 160, 320, 640, 1280, 1440, 1440, 1440]);
  });
});
