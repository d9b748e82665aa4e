import { expect } from 'chai';
import { SelfprovError } from '../../src/domain/errors.ts';
import { createLog, failuresIn } from '../../src/log.ts';

interface Line {
  readonly msg: string;
  readonly leftOut?: number;
  readonly err: { readonly message: string; readonly stack?: string; readonly cause?: { readonly stack?: string } };
}

describe('The log', () => {
  it('shows where an error comes from, and of a refusal only what it says', () => {
    const lines: Line[] = [];
    const log = createLog('info', { write: (line) => void lines.push(JSON.parse(line) as Line) });
    log.error({ err: new Error('a mistake of ours', { cause: new Error('below') }) }, 'broken');
    log.error(
      { err: new SelfprovError('unavailable', 'the database is away', { cause: new Error('ECONNREFUSED') }) },
      'away',
    );
    const [broken, away] = lines;
    expect(broken?.err.stack).to.contain('log.test.ts');
    expect(broken?.err.cause?.stack).to.contain('log.test.ts');
    expect(away?.err).to.deep.include({ message: 'the database is away' });
    expect(JSON.stringify(away)).to.contain('ECONNREFUSED').and.not.to.contain('log.test.ts');
  });

  it('says the same failure of the same thing once a minute, and how often it was not said', () => {
    const lines: Line[] = [];
    let now = 0;
    const log = createLog('info', { write: (line) => void lines.push(JSON.parse(line) as Line) });
    const failed = failuresIn(log, () => now);
    const away = new SelfprovError('unavailable', 'the database is away');
    for (; now < 59_000; now += 1000) failed('hand-overs could not be looked at')(away);
    failed('syncs could not be looked at')(away);
    failed('hand-overs could not be looked at')(new Error('another reason'));
    failed('hand-overs could not be looked at')(away);
    failed('hand-overs could not be looked at')(away);
    now += 60_000;
    failed('hand-overs could not be looked at')(away);
    expect(lines.map(({ msg, err, leftOut }) => [msg.split(' ')[0], err.message, leftOut])).to.deep.equal([
      ['hand-overs', 'the database is away', undefined],
      ['syncs', 'the database is away', undefined],
      ['hand-overs', 'another reason', undefined],
      ['hand-overs', 'the database is away', undefined],
      ['hand-overs', 'the database is away', 1],
    ]);
  });
});
