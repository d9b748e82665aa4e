import { expect } from 'chai';
import { passwordProblem } from '../../src/domain/password.ts';

describe('A password that an administrator chooses', () => {
  it('is long enough, and more than something that is guessed first', () => {
    for (const bad of ['short', 'x'.repeat(201)]) expect(passwordProblem(bad, 'ann')).to.match(/12 to 200 characters/);
    for (const bad of ['passwordpassword', 'aaaaaaaaaaaa', 'abcabcabcabca', 'Password password '.trim() + ' '])
      expect(passwordProblem(bad, 'ann'), bad).to.match(/repeats itself.*take several words/);
    for (const bad of [
      '123456789012',
      '098765432109',
      'abcdefghijkl',
      'ANN-12345678',
      'ann@example.com',
      'annie-ann-annie',
    ])
      expect(passwordProblem(bad, 'ann@example.com'), bad).to.match(/your name.*take several words/);
  });

  it('may have the name in it, and digits in a row, where there is enough besides', () => {
    for (const good of ['correct horse battery', 'anniversary-party', 'rosebud-kettle-123', 'möwen über hallig'])
      expect(passwordProblem(good, 'ann'), good).to.equal(undefined);
  });
});
