import { expect } from 'chai';
import { warningsOf } from '../../src/dialplanChecks.ts';
import { otherMeaningIn, type DialplanStep } from '../../src/domain/dialplan.ts';
import type { Tenant } from '../../src/domain/tenant.ts';
import * as facts from '../support/phoneFacts.ts';

type Dialplan = Readonly<Record<string, readonly DialplanStep[]>>;

const step = (context: string, extension: string, application: string, data = ''): DialplanStep => ({
  ...{ context, extension, application, data },
});

describe('The dialplan that runs, beside what a tenant has', () => {
  const tenant: Tenant = { ...facts.tenant, emergencyNumbers: ['112'], lineSays: { context: 'internal' } };
  const warnings = (dialplan: Dialplan): Promise<readonly string[]> =>
    warningsOf(
      { steps: (context, number) => Promise.resolve(dialplan[`${number}@${context}`] ?? []) },
      [tenant],
      'emergency',
    );

  it('fits where the emergency number comes to a step that dials, or to one that nobody can look behind', async () => {
    for (const end of [
      step('outside', '_1XX', 'Dial', 'PJSIP/112@carrier'),
      step('outside', '_1XX', 'Gosub', 'trunk,s,1'),
    ])
      expect(
        await warnings({
          '112@emergency': [step('emergency', '112', 'Goto', 'outside,${EXTEN},1')],
          '112@outside': [end],
        }),
      ).to.deep.equal([]);
  });

  it('does not where it comes to an announcement, to a loop, or to nothing: that is said', async () => {
    const [announced] = await warnings({ '112@emergency': [step('bad-number', '_X.', 'Playback', 'ss-noservice')] });
    expect(announced).to.contain('leads to Playback(ss-noservice) in [bad-number]');
    const [looping] = await warnings({ '112@emergency': [step('emergency', '112', 'Goto', 'emergency,112,1')] });
    expect(looping).to.contain('leads to Goto(emergency,112,1)');
    expect((await warnings({}))[0]).to.contain('leads nowhere');
  });

  it('names a number of selfprov’s own that stands behind it too, and a free one', async () => {
    const [taken] = await warnings({
      '112@emergency': [step('emergency', '112', 'Dial', 'x')],
      '*55@internal': [step('selfprov-features', '*55', 'Gosub', 'x'), step('intercom', '*55', 'Answer')],
    });
    expect(taken).to.contain('*55 is taken in [intercom]').and.to.contain('--extension *155');
  });

  it('is asked about any text for a number', () => {
    const steps = [step('features', '*43', 'Dial', 'PJSIP/1001')];
    expect(otherMeaningIn(steps, '*43', '*43')).to.equal(steps[0]);
  });
});
