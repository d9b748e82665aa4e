import { expect } from 'chai';
import fc from 'fast-check';
import { formerAfter, formerState, type Former, type FormerEvent } from '../../src/domain/former.ts';

const MINUTE = 60_000;

const waiting: Former = {
  ...{ authName: '1500-a', authId: '1500-a', md5Credential: 'x' },
  ...{ since: 0, fetchedAt: null, seenThen: null, withdrawnAt: null },
  ...{ strangeRefusals: 0, strangeReturns: 0 },
};
const fetched: Former = { ...waiting, fetchedAt: 1000, seenThen: 'before' };
const proven = (at: number, registration = 'anew', leftAt: number | null = null): FormerEvent => {
  return { kind: 'proven', at, registration, leftAt };
};

describe('A former SIP password', () => {
  it('stays as long as the phone has not fetched the new one', () => {
    expect(formerAfter(waiting, proven(500), 500)).to.equal(waiting);
    expect(formerAfter(waiting, { kind: 'refused', from: 'file' }, 500)).to.equal(waiting);
  });

  it('stays for a phone that has not been heard of since it fetched', () => {
    expect(formerAfter(fetched, proven(1000), 2000)).to.equal(fetched);
    expect(formerAfter(fetched, proven(1500, 'before'), 2000)).to.equal(fetched);
  });

  it('is withdrawn from a phone that registers anew after its fetch, was away meanwhile, or has had time', () => {
    for (const event of [proven(1500), proven(1500, 'before', 1200), proven(1500 + 10 * MINUTE, 'before')]) {
      const at = event.kind === 'proven' ? event.at : 0;
      expect(formerAfter(fetched, event, at)).to.deep.equal({ ...fetched, withdrawnAt: at });
    }
  });

  it('is gone only by a proof that was surely made without it', () => {
    const withdrawn = { ...fetched, withdrawnAt: 2000 };
    expect(formerAfter(withdrawn, proven(4999), 9000)).to.equal(withdrawn);
    expect(formerAfter(withdrawn, proven(5000), 9000)).to.equal(null);
  });

  it('is gone when the phone has a registration that none made with the old one can have outlasted', () => {
    const withdrawn = { ...fetched, withdrawnAt: 2000 };
    expect(formerAfter(fetched, { kind: 'registered' }, 300 * MINUTE)).to.equal(fetched);
    expect(formerAfter(withdrawn, { kind: 'registered' }, 2000 + 120 * MINUTE)).to.equal(withdrawn);
    expect(formerAfter(withdrawn, { kind: 'registered' }, 2001 + 130 * MINUTE)).to.equal(null);
  });

  it('is put back for refusals from elsewhere a few times and never again, from where the phone has fetched always', () => {
    let former: Former = { ...fetched, withdrawnAt: 2000 };
    let returns = 0;
    for (let refusals = 0; refusals < 100; refusals++) {
      former = formerAfter(former, { kind: 'refused', from: 'unknown' }, 3000) ?? former;
      if (former.withdrawnAt !== null) continue;
      returns += 1;
      former = { ...former, withdrawnAt: 2000, strangeRefusals: 0 };
    }
    expect(returns).to.equal(3);
    expect(formerAfter(former, { kind: 'refused', from: 'registration' }, 3000)).to.equal(former);
    expect(formerAfter(former, { kind: 'refused', from: 'file' }, 3000)?.withdrawnAt).to.equal(null);
  });

  it('is never gone without a fetch before it, whatever happens', () => {
    const events = fc.oneof(
      fc.record({
        kind: fc.constant('refused' as const),
        from: fc.constantFrom('file' as const, 'registration' as const, 'unknown' as const),
      }),
      fc.constant<FormerEvent>({ kind: 'time_passed' }),
      fc.constant<FormerEvent>({ kind: 'registered' }),
      fc.record({
        kind: fc.constant('proven' as const),
        at: fc.nat(1e9),
        registration: fc.constantFrom('before', 'anew'),
        leftAt: fc.option(fc.nat(1e9)),
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(events, fc.nat(1e9))), (all) => {
        const end = all.reduce<Former | null>(
          (former, [event, now]) => former && formerAfter(former, event, now),
          waiting,
        );
        return end !== null && end.withdrawnAt === null;
      }),
    );
  });

  it('that has waited for a week is that of a lost phone, unless it is being tried', () => {
    const week = 7 * 24 * 60 * MINUTE;
    expect(formerState(waiting, week)).to.equal('waiting');
    expect(formerState(waiting, week + 1)).to.equal('lost');
    expect(formerState(fetched, 2000)).to.equal('fetched');
    expect(formerState({ ...fetched, withdrawnAt: 1 }, week + 1)).to.equal('trying');
  });
});
