import { expect } from 'chai';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readMeasured } from '../../scripts/bench/measured.ts';
import { performanceDoc, PERFORMANCE_DOC, performancePlots, PLOTS } from '../../scripts/makePerformanceDoc.ts';

describe('The page about performance', () => {
  const made = 'npx tsx scripts/makePerformanceDoc.ts makes it anew';

  it(`says what was measured: ${made}`, async () => {
    expect(readFileSync(PERFORMANCE_DOC, 'utf8')).to.equal(await performanceDoc(readMeasured()));
  });

  it(`draws what was measured, and nothing else: ${made}`, () => {
    const files = readdirSync(PLOTS).filter((name) => name.endsWith('.svg'));
    const drawn = new Map(files.map((name) => [name, readFileSync(join(PLOTS, name), 'utf8')]));
    expect(drawn).to.deep.equal(performancePlots(readMeasured()));
  });
});
