import { expect } from 'chai';
import { z } from 'zod';
import { mistakeInWords } from '../../src/domain/mistakeInWords.ts';

describe('What is wrong with what was asked', () => {
  const said = (schema: z.ZodType, value: unknown): string | undefined =>
    schema.safeParse(value, { error: mistakeInWords }).error?.issues[0]?.message;

  it('is said of texts as of texts, of numbers as of numbers, and of lists as of lists', () => {
    expect(said(z.string().max(500), 'x'.repeat(501))).to.equal('a text of up to 500 characters');
    expect(said(z.string().min(2), 'x')).to.equal('a text of 2 characters at least');
    expect(said(z.int().max(500), 501)).to.equal('a number up to 500');
    expect(said(z.int().min(1), 0)).to.equal('a number from 1');
    expect(said(z.array(z.string()).max(2), ['a', 'b', 'c'])).to.equal('2 at most');
    expect(said(z.array(z.string()).min(1), [])).to.equal('one at least');
  });
});
