import { expect } from 'chai';
import * as fc from 'fast-check';
import { compilePattern } from '../../src/phones/pattern/pattern.ts';

function refusal(source: string): string {
  try {
    compilePattern(source);
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Milliseconds that a pattern takes for texts of 64 KB that come close to matching. */
function slowest(source: string): number {
  const matches = compilePattern(source);
  const size = 65536;
  const literals = [...new Set(source.replace(/\\d/g, '1').replace(/[^a-zA-Z0-9 .;:/-]/g, ''))];
  const texts = [...literals, 'ab', 'Acme ', '0.', 'x 1 '].map((unit) => unit.repeat(Math.ceil(size / unit.length)));
  return Math.max(
    ...[...texts, ...texts.map((text) => `Acme A 1.${text}\0`)].map((text) => {
      const start = performance.now();
      matches(text);
      return performance.now() - start;
    }),
  );
}

describe('A pattern of family data', () => {
  it('means the whole text, in any case, and gives its named groups', () => {
    const pattern = compilePattern('Acme (?<model>[^ ]+)(?: {version})?');
    expect(pattern('ACME X1 2.0')).to.deep.equal({ model: 'X1', version: '2.0' });
    expect(pattern('Acme X1')).to.include({ model: 'X1' });
    expect(pattern('An Acme X1')).to.equal(undefined);
    expect(pattern('Acme X1 2.0 ')).to.equal(undefined);
  });

  it('reads a MAC in every spelling', () => {
    const pattern = compilePattern('x{mac}y');
    for (const mac of ['001565aabbcc', '00:15:65:AA:bb:cc', '00-15-65-aa-bb-cc', '00_15_65_aa_bb_cc']) {
      expect(pattern(`x${mac}y`)?.['mac'], mac).to.equal(mac);
    }
    expect(pattern('x001565aabbc y')).to.equal(undefined);
  });

  it('is refused when a text could make it slow', () => {
    for (const source of [
      '(?:a+)+',
      '(?:a*)*b',
      '(?:a|a)*b',
      '(?:a|ab)*b',
      'a*a*',
      '.*a.*',
      '[^ ]+.+',
      '(?:.*x){2}',
      '(?:a?){30}b',
      '(?:x{0,60}){60}',
      '(?:ab?)*a*',
      '(?:|a)*b',
      '\\d+\\w+z',
      '(?:a[^b]*){1,9}',
      '[a-f]*[E-H]+',
    ]) {
      expect(refusal(source), source).to.match(/can also match|ways to match|in more than one way/);
    }
  });

  it('is refused with a reason when it uses what is not permitted', () => {
    for (const source of [
      '(?=a)a',
      '(?!a)b',
      '(?<=a)b',
      '(?<!a)b',
      '(a)',
      '\\1',
      '\\ba',
      'a+?',
      'a++',
      '^a',
      'a$',
      'a{65}',
      '(?<color>a)',
    ]) {
      expect(refusal(source), source).not.to.equal('');
    }
    expect(refusal('(?<mac>a)(?<mac>b)')).to.contain('twice');
    for (const source of ['(?:a', 'a)', '[a', 'a\\', '*', 'a**', '[z-a]'])
      expect(refusal(source), source).not.to.equal('');
  });

  it('that is permitted takes time in proportion to the text', () => {
    for (const source of [
      'Acme (?<model>[^ ]+) +(?<version>[^ ]+)(?: (?<rest>.*))?',
      'Acme (?:A )?(?:B )?(?<model>[^ ]+(?: [A-Z][^ ]*)?) (?<version>\\d[^ ]*)(?<rest>(?: .*)?)',
      '(?<model>[^;]*);(?<rest>.*)',
      '.*\\.rom',
      '(?:\\d+\\.)*x?',
      '(?:[ab]+[cd]+)*e',
    ]) {
      expect(slowest(source), source).to.be.lessThan(100);
    }
  });

  it('finds what JavaScript finds', () => {
    const part = fc.constantFrom(
      'a',
      'b',
      '[ab]',
      '[^a]',
      '\\d',
      'a?',
      'b*',
      '(?:ab|c)',
      '(?:a|b)?',
      '.{2}',
      'x{1,3}',
      '\\.',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 5 }), fc.stringMatching(/^[ab1.xc]{0,8}$/), (parts, text) => {
        const source = parts.join('');
        if (refusal(source) !== '') return;
        expect(compilePattern(source)(text) !== undefined).to.equal(new RegExp(`^(?:${source})$`, 'i').test(text));
      }),
    );
  });
});
