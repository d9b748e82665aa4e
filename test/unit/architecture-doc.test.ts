import { expect } from 'chai';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { handOverTable } from '../../scripts/handOverTable.ts';
import { packageRoot } from '../../src/packageRoot.ts';

describe('The page about the architecture', () => {
  const page = readFileSync(join(packageRoot, 'docs/architecture.md'), 'utf8');

  it('names only files and folders that are there', () => {
    const named = [...page.matchAll(/`([\w./-]+(?:\.ts|\/))`/g)].map(([, path = '']) => path);
    const from = ['', 'src', 'src/provisioning/handOver'];
    const missing = named.filter((path) => !from.some((folder) => existsSync(join(packageRoot, folder, path))));
    expect(named.length).to.be.greaterThan(20);
    expect(missing).to.deep.equal([]);
  });

  it('shows of a hand-over what the code does: npx tsx scripts/handOverTable.ts prints it', () => {
    const shown = /<!-- hand-over -->\n\n(.*?)\n\n<!-- \/hand-over -->/s.exec(page)?.[1];
    expect(shown).to.equal(handOverTable());
  });
});
