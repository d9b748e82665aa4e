import { expect } from 'chai';
import { appendFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compiledIn, type Compiled } from '../../src/phones/catalog/compiled.ts';
import { loadFamilies } from '../../src/phones/catalog/loadFamilies.ts';
import type { Families } from '../../src/phones/family/family.ts';
import { compiledShipped } from '../support/compiledShipped.ts';
import { mistakesOf } from '../support/familyMistakes.ts';
import { shippedFamilies, templates } from '../support/phoneFacts.ts';
import { outcomes } from '../support/samples.ts';

describe('Families that the build has read', () => {
  const compiled = compiledIn(JSON.stringify(compiledShipped()));
  /** What is asked for, and whether it is there. */
  function spied(): Compiled & { readonly found: boolean[] } {
    const found: boolean[] = [];
    const get = (key: string): unknown => {
      const data = compiled.get(key);
      found.push(data !== undefined);
      return data;
    };
    return { found, get, keep: () => undefined };
  }
  const shapeOf = ({ all, ouis, timeZones, notPhones }: Families) => ({
    families: all.map(({ id, data, paths, userAgents }) => ({
      ...{ id, data, userAgents: userAgents.length },
      paths: paths.map(({ file, pattern, depth, shared }) => ({ file, pattern, depth, shared })),
    })),
    ouis: [...ouis].map(([prefix, { id }]) => [prefix, id]),
    timeZones: [...timeZones],
    notPhones: notPhones.length,
  });

  it('are the same as those that are read from their files, and none of these is read again', () => {
    const watching = spied();
    const families = loadFamilies([templates], watching);
    expect(shapeOf(families)).to.deep.equal(shapeOf(shippedFamilies()));
    expect(watching.found).to.have.length.greaterThan(50).and.to.not.include(false);
  });

  it('know each request that was seen as well', () => {
    const told = outcomes(loadFamilies([templates], compiled));
    expect(told).to.deep.equal(outcomes(shippedFamilies()));
  });

  it('are read anew when anything in their files has changed, and checked then', () => {
    const folder = mkdtempSync(join(tmpdir(), 'selfprov-site-'));
    try {
      cpSync(templates, folder, { recursive: true });
      appendFileSync(join(folder, 'yealink/device.mustache'), '# more\n');
      const watching = spied();
      loadFamilies([folder], watching);
      expect(watching.found.filter((found) => !found)).to.have.length(1);
      appendFileSync(join(folder, 'yealink/device.mustache'), '{{no_such_thing}}\n');
      appendFileSync(join(folder, 'snom/family.yaml'), 'no_such_key: 1\n');
      const mistakes = mistakesOf(() => loadFamilies([folder], compiled), folder);
      expect(mistakes.join('\n'))
        .to.match(/no_such_thing/)
        .and.to.match(/snom\/family.yaml:\d+: .*no_such_key/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
