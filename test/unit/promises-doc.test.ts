import { expect } from 'chai';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promised, promisesDoc, PROMISES_DOC, SHOWN_BY, SYSTEMS, WAITS_FOR } from '../../scripts/makePromisesDoc.ts';
import { packageRoot } from '../../src/packageRoot.ts';

describe('The page about the promises', () => {
  it('says what the tests say: npx tsx scripts/makePromisesDoc.ts makes it anew', async () => {
    expect(readFileSync(PROMISES_DOC, 'utf8')).to.equal(await promisesDoc());
  });

  it('has each promise of each system once, in its order', () => {
    const wanted = SYSTEMS.flatMap(({ promises }, system) =>
      Array.from({ length: promises }, (_, at) => `${system}.${at + 1}`),
    );
    expect(promised().map(({ number }) => number)).to.deep.equal(wanted);
  });

  it('says of each promise without a test, and of no other, what it waits for', () => {
    const pending = promised().flatMap(({ number, isPending }) => (isPending ? [number] : []));
    expect(pending).to.have.members(Object.keys(WAITS_FOR));
  });

  it('names only promises and tests that there are', () => {
    const numbers = promised().map(({ number }) => number);
    expect(numbers).to.include.members(Object.keys(SHOWN_BY));
    const tests = Object.values(SHOWN_BY).flat();
    expect(tests.filter((name) => !existsSync(join(packageRoot, `test/e2e/${name}.test.ts`)))).to.deep.equal([]);
  });
});
