import { expect } from 'chai';
import { tableOf } from '../../src/cli/output.ts';
import { shippedFamilies } from '../support/phoneFacts.ts';
import { outcomes, samples, type Outcome } from '../support/samples.ts';

/** `id key` of what is not told, and why it cannot be. */
const KNOWN_MISSES: Readonly<Record<string, string>> = {};

describe('Requests that were seen', () => {
  const all = outcomes(shippedFamilies());

  after(() => {
    const table = (by: string, groupOf: (outcome: Outcome) => string): string => {
      const groups = [...new Set(all.map(groupOf))].toSorted();
      const rows = groups.map((group) => [group, ...figures(all.filter((outcome) => groupOf(outcome) === group))]);
      return tableOf([by, 'SAMPLES', 'ALL RIGHT', 'KEYS', 'RIGHT'], rows, 'none');
    };
    const text = [
      table('EVIDENCE', ({ sample }) => sample.evidence),
      table('VENDOR', ({ sample }) => sample.expected['vendor'] ?? '(no phone)'),
    ].join('\n\n');
    process.stdout.write(`\n${text.replace(/^/gm, '    ')}\n\n`);
  });

  it('are told with everything that is known of them', () => {
    const misses = all.filter(({ isRight }) => !isRight);
    const described = misses.map(
      ({ sample, key, wanted, got }) =>
        `${sample.id} ${key}: ${String(got)} and not ${wanted}, from ${JSON.stringify([sample.user_agent, sample.path, sample.dhcp_vendor_class])}`,
    );
    const unexplained = described.filter((_, at) => !(nameOf(misses[at]) in KNOWN_MISSES));
    expect(unexplained, `\n${unexplained.join('\n')}\n`).to.deep.equal([]);
    expect(Object.keys(KNOWN_MISSES).toSorted()).to.deep.equal(misses.map(nameOf).toSorted());
  });

  it('are all looked at', () => {
    expect(samples).to.have.length(473);
    expect(new Set(all.map(({ sample }) => sample.id)).size).to.equal(473);
  });

  it('by what is no phone are taken for nobody’s', () => {
    const negatives = all.filter(({ sample }) => sample.evidence === 'negative');
    expect(new Set(negatives.map(({ sample }) => sample.id)).size).to.equal(4);
    expect(negatives.filter(({ got }) => got !== null)).to.deep.equal([]);
  });
});

function nameOf(outcome: Outcome | undefined): string {
  return outcome === undefined ? '' : `${outcome.sample.id} ${outcome.key}`;
}

function figures(group: readonly Outcome[]): string[] {
  const ids = new Set(group.map(({ sample }) => sample.id));
  const wrong = new Set(group.filter(({ isRight }) => !isRight).map(({ sample }) => sample.id));
  const right = group.filter(({ isRight }) => isRight).length;
  return [ids.size, ids.size - wrong.size, group.length, right].map(String);
}
