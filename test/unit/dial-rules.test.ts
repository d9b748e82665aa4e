import { expect } from 'chai';
import * as fc from 'fast-check';
import { DEVICE_SETTINGS } from '../../src/domain/deviceSettings.ts';
import { patternOf, without, type DialPattern } from '../../src/domain/dialRules.ts';
import { isRefusal } from '../../src/domain/errors.ts';
import { firmwareFor } from '../../src/domain/firmware.ts';
import { runs } from '../support/runs.ts';

const { dialRules, firmware } = DEVICE_SETTINGS;

const rule = fc.string({
  unit: fc.constantFrom('0', '1', '5', '*', 'X', 'Z', 'N', '[1-3]', '[05]'),
  minLength: 1,
  maxLength: 5,
});
const number = fc.string({ unit: fc.constantFrom(...'0123456789*'), minLength: 1, maxLength: 5 });

const fits = ({ places, isOpen }: DialPattern, given: string): boolean =>
  (isOpen ? given.length > places.length : given.length === places.length) &&
  places.every((place, at) => place.includes(given[at] ?? 'none'));

describe('Dial rules', () => {
  it('are read as Asterisk writes patterns, and shown so that they can be read again', () => {
    expect(dialRules.show(dialRules.read('_nxx, 1[5-7]XX,0.,*XX'))).to.equal('NXX,1[5-7]XX,0.,*XX');
    expect(dialRules.show(dialRules.read('none'))).to.equal('none');
  });

  it('are refused when no phone could mean them', () => {
    for (const given of ['', '_', '.', '1.2', '[', '[5-3]X', '1[a]', 'abc', 'X!', '1 2', '+49', 'X'.repeat(33)])
      expect(() => dialRules.read(`1,${given === '' ? '_' : given}`), given).to.satisfy((read: () => unknown) => {
        try {
          read();
          return false;
        } catch (error) {
          return isRefusal(error, 'invalid');
        }
      });
  });

  it('without some numbers fit exactly the other ones', () => {
    fc.assert(
      fc.property(rule, fc.array(number, { maxLength: 4 }), number, (text, taken, given) => {
        const whole = patternOf(text);
        const rest = without(whole, taken).some((pattern) => fits(pattern, given));
        expect(rest).to.equal(fits(whole, given) && !taken.includes(given));
      }),
      runs(400),
    );
  });
});

describe('Firmware', () => {
  it('is a plain file for a model, with or without its version', () => {
    const all = firmware.read('T46S=T46S-66.86.rom@66.86.0.15; SIP-T4*=other.rom');
    expect(firmware.show(all)).to.equal('T46S=T46S-66.86.rom@66.86.0.15;SIP-T4*=other.rom');
    for (const given of [
      'T46S',
      'T46S=',
      'T46S=../x',
      'T46S=a/b',
      'T46S=a b',
      'T46S=.hidden',
      '=a',
      'T46S=a@',
      'T46S=a@b c',
    ])
      expect(() => firmware.read(given), given).to.throw();
  });

  it('is the first that fits the model, and nothing but a star fits one that nobody knows', () => {
    const all = firmware.read('T46S=one;T4*=two;*=three');
    const fileOf = (model: string | null): string | undefined => firmwareFor(all, model)?.file;
    expect(['t46s', 'T48S', 'CP920', null].map(fileOf)).to.deep.equal(['one', 'two', 'three', 'three']);
    expect(firmwareFor(firmware.read('T.6=one'), 'T46')).to.equal(undefined);
    // Also where each `*` could stand for as many characters as there are, and where two parts would overlap.
    expect(firmwareFor(firmware.read(`${'*a'.repeat(30)}b=one`), 'a'.repeat(100_000))).to.equal(undefined);
    expect(firmwareFor(firmware.read('T4*46*S=one'), 'T46S')).to.equal(undefined);
    expect(firmwareFor(firmware.read('T*4*S=one'), 'T46S')?.file).to.equal('one');
  });
});
