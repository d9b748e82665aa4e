import { expect } from 'chai';
import { isTrivialPin, pinProblem } from '../../src/domain/pin.ts';
import { secrets } from '../../src/secrets/secrets.ts';

describe('A PIN', () => {
  for (const pin of ['111111', '121212', '123123', '123456', '654321', '890123', '210987', '112211', '1111']) {
    it(`${pin} is too easy to guess`, () => {
      expect(isTrivialPin(pin)).to.equal(true);
    });
  }

  it('must not hold the extension, nor be a part of it', () => {
    expect(pinProblem('915007', '1500')).to.match(/easy to guess/);
    expect(pinProblem('4711', '470471188')).to.match(/easy to guess/);
    expect(pinProblem('940273', '1500')).to.equal(undefined);
  });

  it('may hold the digits of a one-digit extension: most PINs do', () => {
    expect(pinProblem('940273', '7')).to.equal(undefined);
  });

  it('has 4 to 12 digits', () => {
    expect(pinProblem('947', '1500')).to.match(/4 to 12 digits/);
    expect(pinProblem('94027a', '1500')).to.match(/4 to 12 digits/);
    expect(pinProblem('9402738461593', '1500')).to.match(/4 to 12 digits/);
  });

  it('made by us has six digits and is never one of the easy ones', () => {
    const maker = secrets(Buffer.alloc(32));
    for (let i = 0; i < 2000; i++) {
      const pin = maker.pin().reveal();
      expect(pin).to.match(/^\d{6}$/);
      expect(isTrivialPin(pin), pin).to.equal(false);
    }
  });
});
