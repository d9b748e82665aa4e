import { expect } from 'chai';
import { lineDiff } from '../../src/provisioning/files/lineDiff.ts';

describe('The difference of two files', () => {
  it('is nothing for the same text, however its lines end', () => {
    expect(lineDiff('a\nb', 'a\nb')).to.deep.equal([]);
    expect(lineDiff('a\r\nb', 'a\nb')).to.deep.equal([]);
  });

  it('is the lines that go and those that come, in their order, and nothing of what stays', () => {
    expect(lineDiff('a\nb\nc\nd', 'a\nB\nc\nd\ne')).to.deep.equal(['-b', '+B', '+e']);
    expect(lineDiff('a\nb\nc', 'b\nc\na')).to.deep.equal(['-a', '+a']);
    expect(lineDiff('x', '')).to.deep.equal(['-x', '+']);
  });

  it('makes the one file out of the other again, whatever they are', () => {
    const letters = 'abcab';
    for (let seed = 0; seed < 300; seed++) {
      const [was, is] = [11, 17].map((by) =>
        Array.from({ length: 1 + (seed % 9) }, (_, at) => letters[(seed * by + at * at * by) % 5] ?? ''),
      );
      const diff = lineDiff((was ?? []).join('\n'), (is ?? []).join('\n'));
      const goes = diff.filter((line) => line.startsWith('-')).map((line) => line.slice(1));
      const comes = diff.filter((line) => line.startsWith('+')).map((line) => line.slice(1));
      const count = (lines: readonly string[] = []): string => JSON.stringify(lines.toSorted());
      expect(count([...(was ?? []), ...comes])).to.equal(count([...(is ?? []), ...goes]));
    }
  });
});
