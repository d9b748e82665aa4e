import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { handOverTable } from '../../scripts/handOverTable.ts';
import { packageRoot } from '../../src/packageRoot.ts';

describe('The page about the architecture', () => {
  it('shows of a hand-over what the code does: npx tsx scripts/handOverTable.ts prints it', () => {
    const page = readFileSync(join(packageRoot, 'docs/architecture.md'), 'utf8');
    const shown = /<!-- hand-over -->\n\n(.*?)\n\n<!-- \/hand-over -->/s.exec(page)?.[1];
    expect(shown).to.equal(handOverTable());
  });
});
