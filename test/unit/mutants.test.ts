import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/packageRoot.ts';
import { MUTANTS } from '../model/mutants.ts';

describe('The repairs that can be taken out', () => {
  for (const { what, changes } of MUTANTS) {
    it(`are still where they were: ${what}`, () => {
      for (const { file, from, to } of changes) {
        expect(readFileSync(join(packageRoot, file), 'utf8').split(from), file).to.have.length(2);
        expect(to).not.to.equal(from);
      }
    });
  }
});
