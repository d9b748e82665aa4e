import { expect } from 'chai';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { familiesDoc, FAMILIES_DOC } from '../../scripts/makeFamiliesDoc.ts';
import { shippedFamilies, templates } from '../support/phoneFacts.ts';

describe('The page about the families', () => {
  it('says what the families say: npx tsx scripts/makeFamiliesDoc.ts makes it anew', async () => {
    expect(readFileSync(FAMILIES_DOC, 'utf8')).to.equal(await familiesDoc(shippedFamilies()));
  });

  it('links to a README of every family', () => {
    const without = shippedFamilies().all.filter(({ id }) => !existsSync(join(templates, id, 'README.md')));
    expect(without.map(({ id }) => id)).to.deep.equal([]);
  });
});
