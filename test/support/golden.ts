import { expect } from 'chai';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Compares with a whole file. `UPDATE_GOLDEN=1 npx mocha test/unit/golden.test.ts` writes them: read the difference
 * before it is committed, because every change of it is a change of what phones get.
 */
export function expectGolden(file: string, actual: Buffer): void {
  if (process.env['UPDATE_GOLDEN'] === '1') {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, actual);
  }
  expect(existsSync(file), `${file} is missing: see docs/add-a-family.md`).to.equal(true);
  expect(actual.toString('utf8')).to.equal(readFileSync(file, 'utf8'));
}
